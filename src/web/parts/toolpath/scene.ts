import {
  BufferAttribute,
  BufferGeometry,
  Color,
  LineBasicMaterial,
  LineSegments,
  OrthographicCamera,
  Points,
  PointsMaterial,
  Scene,
  Sphere,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { type Layer, type LayerName, valuesBefore } from './layers.ts';
import type { Toolpath } from './pack.ts';
import { pickSegment } from './pick.ts';

export type Colours = Record<'before' | 'cut' | 'rapid' | 'changed' | 'marker', string>;
export type Side = { path: Toolpath; layers: readonly Layer[] };
export type ViewName = 'iso' | 'top' | 'front' | 'side';

type Drawn = { lines: LineSegments; layer: Layer; coarse: BufferAttribute; exact: BufferAttribute; isBefore: boolean };

const directions: Readonly<Record<ViewName, readonly [number, number, number]>> = {
  iso: [1, -1.2, 0.9],
  top: [0, 0, 1],
  front: [0, -1, 0],
  side: [1, 0, 0],
};
const settleMs = 160;
/** A frame is to leave the page its breath: slices grow and shrink to stay about here. */
const frameMs = 40;
const smallestSlice = 4_000;
const largestSlice = 400_000;
const reachPixels = 10;
const margin = 1.06;

/**
 * Draws two toolpaths over one another. While anything moves, few lines stand for many; once it rests, every segment is
 * drawn, a slice a frame upon what is there, so that no frame takes long on a computer without a graphics card.
 */
export class ToolpathScene {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new OrthographicCamera();
  readonly #controls: OrbitControls;
  readonly #marker: Points<BufferGeometry, PointsMaterial>;
  readonly #highlight: LineSegments<BufferGeometry, LineBasicMaterial>;
  #drawn: Drawn[] = [];
  #after: Side | undefined;
  #hidden = new Set<string>();
  #scrub = Number.POSITIVE_INFINITY;
  #settle: number | undefined;
  #frame: number | undefined;
  #slice = 20_000;

  /** Throws where the browser has no WebGL. */
  constructor(canvas: HTMLCanvasElement, colours: Colours) {
    this.#renderer = new WebGLRenderer({ canvas, alpha: true, antialias: true, preserveDrawingBuffer: true });
    this.#renderer.autoClear = false;
    this.#camera.up.set(0, 0, 1);
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.addEventListener('change', () => this.moved());
    this.#marker = new Points(
      pointGeometry(),
      new PointsMaterial({ size: 11, sizeAttenuation: false, depthTest: false }),
    );
    this.#highlight = new LineSegments(new BufferGeometry(), new LineBasicMaterial({ depthTest: false }));
    for (const object of [this.#marker, this.#highlight]) {
      object.frustumCulled = false;
      object.visible = false;
      object.renderOrder = 10;
      this.#scene.add(object);
    }
    this.paint(colours);
  }

  show(before: Side | undefined, after: Side, colours: Colours): void {
    for (const { lines } of this.#drawn) {
      this.#scene.remove(lines);
      lines.geometry.dispose();
      (lines.material as LineBasicMaterial).dispose();
    }
    this.#after = after;
    this.#drawn = [...(before ? drawnOf(before, true) : []), ...drawnOf(after, false)];
    for (const { lines } of this.#drawn) this.#scene.add(lines);
    this.paint(colours);
    this.look('iso');
  }

  paint(colours: Colours): void {
    for (const { lines, layer, isBefore } of this.#drawn) {
      const material = lines.material as LineBasicMaterial;
      material.color = new Color(isBefore ? colours.before : colours[layer.name]);
      material.transparent = true;
      material.opacity = layer.name === 'rapid' ? 0.35 : isBefore ? 0.7 : 1;
    }
    this.#marker.material.color = new Color(colours.marker);
    this.#highlight.material.color = new Color(colours.marker);
    this.moved();
  }

  /** `before`, or the name of a layer. */
  setHidden(hidden: ReadonlySet<string>): void {
    this.#hidden = new Set(hidden);
    this.moved();
  }

  resize(width: number, height: number): void {
    this.#renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.#renderer.setSize(width, height, false);
    const half = (this.#camera.top - this.#camera.bottom) / 2;
    this.#camera.left = (-half * width) / height;
    this.#camera.right = (half * width) / height;
    this.#camera.updateProjectionMatrix();
    this.moved();
  }

  /** From a side, with all of it in view. */
  look(name: ViewName): void {
    const bounds = this.#after?.path.bounds ?? [-1, -1, -1, 1, 1, 1];
    const [low, high] = [new Vector3(...bounds.slice(0, 3)), new Vector3(...bounds.slice(3))];
    const centre = low.clone().add(high).multiplyScalar(0.5);
    const radius = Math.max(high.distanceTo(low) / 2, 0.001);
    const aspect = (this.#camera.right - this.#camera.left) / (this.#camera.top - this.#camera.bottom) || 1;
    this.#camera.position.copy(centre).add(new Vector3(...directions[name]).normalize().multiplyScalar(radius * 2));
    this.#camera.lookAt(centre);
    const { x, y } = seenHalf(this.#camera, centre, high);
    const half = margin * Math.max(y, x / aspect, radius / 20);
    Object.assign(this.#camera, { top: half, bottom: -half, left: -half * aspect, right: half * aspect, zoom: 1 });
    Object.assign(this.#camera, { near: -radius * 20, far: radius * 20 });
    this.#controls.target.copy(centre);
    this.#camera.updateProjectionMatrix();
    this.#controls.update();
    this.moved();
  }

  /** Draws the newer path up to a segment, with the tool at its end, and these segments in another colour. */
  scrubTo(segment: number, own: { from: number; to: number }): void {
    const path = this.#after?.path;
    if (!path) return;
    this.#scrub = segment >= path.segments - 1 ? Number.POSITIVE_INFINITY : segment + 1;
    const at = path.points.subarray(3 * (segment + 1), 3 * (segment + 1) + 3);
    this.#marker.visible = at.length === 3 && !at.some(Number.isNaN);
    if (this.#marker.visible)
      (this.#marker.geometry.getAttribute('position') as BufferAttribute).copyArray(at).needsUpdate = true;
    this.#highlight.visible = own.to > own.from;
    if (this.#highlight.visible) {
      this.#highlight.geometry.dispose();
      this.#highlight.geometry = segmentsGeometry(path.points, own);
    }
    this.moved();
  }

  /** The segment of the newer path at a place on the canvas, in its pixels. */
  pick(x: number, y: number): number | undefined {
    if (!this.#after) return undefined;
    this.#camera.updateMatrixWorld();
    const projection = this.#camera.projectionMatrix.clone().multiply(this.#camera.matrixWorldInverse);
    const { clientWidth: width, clientHeight: height } = this.#renderer.domElement;
    return pickSegment(this.#after.path, projection.elements, { width, height }, { x, y }, reachPixels);
  }

  /** Draws anew: few lines at once, all of them when it rests. */
  moved(): void {
    window.clearTimeout(this.#settle);
    if (this.#frame !== undefined) window.cancelAnimationFrame(this.#frame);
    this.#frame = window.requestAnimationFrame(() => this.#drawCoarse());
    this.#settle = window.setTimeout(() => this.#startExact(), settleMs);
  }

  dispose(): void {
    window.clearTimeout(this.#settle);
    if (this.#frame !== undefined) window.cancelAnimationFrame(this.#frame);
    this.#controls.dispose();
    for (const { lines } of this.#drawn) lines.geometry.dispose();
    this.#renderer.dispose();
    this.#renderer.forceContextLoss();
  }

  #drawCoarse(): void {
    this.#frame = undefined;
    for (const drawn of this.#drawn) {
      const { lines, layer, coarse } = drawn;
      lines.geometry.setIndex(coarse);
      lines.geometry.setDrawRange(0, this.#valuesShown(drawn, layer.coarse));
      lines.visible = !this.#isHidden(drawn);
    }
    this.#renderer.clear();
    this.#renderer.render(this.#scene, this.#camera);
  }

  #startExact(): void {
    const waiting = this.#drawn.filter((drawn) => !this.#isHidden(drawn));
    if (waiting.every(({ layer }) => layer.exact.length === layer.coarse.length)) return;
    for (const { lines } of this.#drawn) lines.visible = false;
    this.#frame = window.requestAnimationFrame((now) => this.#drawSlice(waiting, { layer: 0, from: 0 }, now));
  }

  /** One slice upon those before it; the first clears the thinned picture away. */
  #drawSlice(waiting: readonly Drawn[], at: { layer: number; from: number }, last: number): void {
    const drawn = waiting[at.layer];
    this.#frame = undefined;
    if (!drawn) return;
    if (at.layer === 0 && at.from === 0) this.#renderer.clear();
    const { lines, layer, exact } = drawn;
    const end = this.#valuesShown(drawn, layer.exact);
    const count = Math.min(2 * this.#slice, end - at.from);
    lines.geometry.setIndex(exact);
    lines.geometry.setDrawRange(at.from, Math.max(0, count));
    lines.visible = true;
    this.#renderer.render(this.#scene, this.#camera);
    lines.visible = false;
    const isDone = at.from + count >= end;
    const next = isDone ? { layer: at.layer + 1, from: 0 } : { layer: at.layer, from: at.from + count };
    this.#frame = window.requestAnimationFrame((now) => {
      const factor = now - last > frameMs * 1.4 ? 0.5 : now - last < frameMs ? 1.5 : 1;
      this.#slice = Math.min(largestSlice, Math.max(smallestSlice, Math.round(this.#slice * factor)));
      this.#drawSlice(waiting, next, now);
    });
  }

  #valuesShown({ isBefore }: Drawn, pairs: Uint32Array): number {
    return isBefore || this.#scrub === Number.POSITIVE_INFINITY ? pairs.length : valuesBefore(pairs, this.#scrub);
  }

  #isHidden({ isBefore, layer }: Drawn): boolean {
    return (isBefore && this.#hidden.has('before')) || this.#hidden.has(layer.name);
  }
}

const orderOf: Readonly<Record<LayerName, number>> = { rapid: 1, cut: 2, changed: 3 };

function drawnOf({ path, layers }: Side, isBefore: boolean): Drawn[] {
  const position = new BufferAttribute(path.points, 3);
  return layers
    .filter(({ exact }) => exact.length > 0)
    .map((layer) => {
      const geometry = new BufferGeometry().setAttribute('position', position);
      const lines = new LineSegments(geometry, new LineBasicMaterial({ depthTest: false }));
      // Nobody has to read a million points, some of which may not be known, to find out that they are in view.
      lines.frustumCulled = false;
      geometry.boundingSphere = new Sphere();
      lines.renderOrder = isBefore ? 0 : orderOf[layer.name];
      const indices = { coarse: new BufferAttribute(layer.coarse, 1), exact: new BufferAttribute(layer.exact, 1) };
      return { lines, layer, ...indices, isBefore };
    });
}

/** How far a box around `centre` reaches to the right and upwards as the camera sees it. */
function seenHalf(camera: OrthographicCamera, centre: Vector3, corner: Vector3): { x: number; y: number } {
  const { x, y, z } = corner.clone().sub(centre);
  const turn = camera.quaternion.clone().invert();
  const corners = [new Vector3(x, y, z), new Vector3(-x, y, z), new Vector3(x, -y, z), new Vector3(x, y, -z)];
  for (const one of corners) one.applyQuaternion(turn);
  return {
    x: Math.max(...corners.map((one) => Math.abs(one.x))),
    y: Math.max(...corners.map((one) => Math.abs(one.y))),
  };
}

const pointGeometry = (): BufferGeometry =>
  new BufferGeometry().setAttribute('position', new BufferAttribute(new Float32Array(3), 3));

function segmentsGeometry(points: Float32Array, { from, to }: { from: number; to: number }): BufferGeometry {
  const values: number[] = [];
  for (let at = from; at < to; at++) values.push(...points.subarray(3 * at, 3 * at + 6));
  const known = values.some(Number.isNaN) ? [] : values;
  return new BufferGeometry().setAttribute('position', new BufferAttribute(Float32Array.from(known), 3));
}
