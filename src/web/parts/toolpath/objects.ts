import {
  BufferAttribute,
  BufferGeometry,
  LineBasicMaterial,
  LineSegments,
  type OrthographicCamera,
  Sphere,
  StaticDrawUsage,
  type Usage,
  Vector3,
} from 'three';
import type { Layer, LayerName } from './layers.ts';
import type { Toolpath } from './pack.ts';
import { linesOf } from './slices.ts';

export type Side = { path: Toolpath; layers: readonly Layer[] };
export type Lines = LineSegments<BufferGeometry, LineBasicMaterial>;
/** One layer of one side; `coarse` is what is drawn of it while something moves. */
export type Drawn = { coarse: Lines; layer: Layer; path: Toolpath; isBefore: boolean };

/** Of the line that people look at: a cycle may make more than that of one line, and they are drawn in every frame. */
const highlightSegments = 5_000;
const orderOf: Readonly<Record<LayerName, number>> = { rapid: 1, cut: 2, changed: 3 };

export function drawnOf({ path, layers }: Side, isBefore: boolean, inks: Inks): Drawn[] {
  return layers
    .filter(({ segments }) => segments.length > 0)
    .map((layer) => {
      const coarse = plainLines(linesOf(path.points, layer.coarse), inks[layer.name]);
      coarse.renderOrder = isBefore ? 0 : orderOf[layer.name];
      return { coarse, layer, path, isBefore };
    });
}

/** What each layer of a side is drawn with, for as long as the picture stands: compiled once, whatever is shown in it. */
export type Inks = Readonly<Record<LayerName, LineBasicMaterial>>;

export function newInks(): Inks {
  const inks = { rapid: newInk(), cut: newInk(), changed: newInk() };
  dash(inks.rapid);
  for (const ink of Object.values(inks)) ink.transparent = true;
  return inks;
}

export const newInk = (): LineBasicMaterial => new LineBasicMaterial({ depthTest: false });

/** Nobody has to find out first whether they are in view. */
export function plainLines(values: Float32Array, ink: LineBasicMaterial, usage: Usage = StaticDrawUsage): Lines {
  const geometry = new BufferGeometry().setAttribute('position', new BufferAttribute(values, 3).setUsage(usage));
  const lines = new LineSegments(geometry, ink);
  lines.frustumCulled = false;
  geometry.boundingSphere = new Sphere();
  return lines;
}

/**
 * Dashes by the place on the screen: those along a line would want its length so far at each of its ends. The two sizes differ,
 * so that no line runs between the dashes, whichever way it goes.
 */
function dash(material: LineBasicMaterial): void {
  material.onBeforeCompile = (shader) => {
    const gap = 'if (mod(floor(gl_FragCoord.x / 5.0) + floor(gl_FragCoord.y / 4.0), 2.0) < 0.5) discard;';
    shader.fragmentShader = shader.fragmentShader.replace('void main() {', `void main() {\n${gap}`);
  };
  material.customProgramCacheKey = () => 'dashed';
}

/** How far a box around `centre` reaches to the right and upwards as the camera sees it. */
export function seenHalf(camera: OrthographicCamera, centre: Vector3, corner: Vector3): { x: number; y: number } {
  const { x, y, z } = corner.clone().sub(centre);
  const turn = camera.quaternion.clone().invert();
  const corners = [new Vector3(x, y, z), new Vector3(-x, y, z), new Vector3(x, -y, z), new Vector3(x, y, -z)];
  for (const one of corners) one.applyQuaternion(turn);
  return {
    x: Math.max(...corners.map((one) => Math.abs(one.x))),
    y: Math.max(...corners.map((one) => Math.abs(one.y))),
  };
}

/** Where X, Y and Z of the part run on the screen: to the right and downwards, of a length of 1 where they lie in it. */
export type SeenAxes = readonly [name: 'X' | 'Y' | 'Z', right: number, down: number][];

export function seenAxes(camera: OrthographicCamera): SeenAxes {
  const turn = camera.quaternion.clone().invert();
  return (['X', 'Y', 'Z'] as const).map((name, axis) => {
    const { x, y } = new Vector3().setComponent(axis, 1).applyQuaternion(turn);
    return [name, x, -y];
  });
}

export const pointGeometry = (): BufferGeometry =>
  new BufferGeometry().setAttribute('position', new BufferAttribute(new Float32Array(3), 3));

/** Nothing, where one of them has no known place. */
export function lineOfSegments(points: Float32Array, { from, to }: { from: number; to: number }): BufferGeometry {
  const values: number[] = [];
  for (let at = from; at < Math.min(to, from + highlightSegments); at++)
    values.push(...points.subarray(3 * at, 3 * at + 6));
  const known = values.some(Number.isNaN) ? [] : values;
  return new BufferGeometry().setAttribute('position', new BufferAttribute(Float32Array.from(known), 3));
}
