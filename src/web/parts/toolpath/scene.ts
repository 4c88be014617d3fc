import {
  type BufferAttribute,
  type BufferGeometry,
  Color,
  DynamicDrawUsage,
  OrthographicCamera,
  Points,
  PointsMaterial,
  Scene,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { layerNames, pairsBefore, segmentsBefore } from './layers.ts';
import {
  type Drawn,
  drawnOf,
  type Lines,
  lineOfSegments,
  newInk,
  newInks,
  plainLines,
  pointGeometry,
  type SeenAxes,
  type Side,
  seenAxes,
  seenHalf,
} from './objects.ts';
import { pickSegment } from './pick.ts';
import { largestSlice, type Slice, SlicePace, type Stroke, slicesOf } from './slices.ts';

export type Colours = Record<'before' | 'cut' | 'rapid' | 'changed' | 'marker', string>;
export type ViewName = 'iso' | 'top' | 'front' | 'side';

const directions: Readonly<Record<ViewName, readonly [number, number, number]>> = {
  iso: [1, -1.2, 0.9],
  top: [0, 0, 1],
  front: [0, -1, 0],
  side: [1, 0, 0],
};
const settleMs = 160;
const reachPixels = 10;
const margin = 1.06;

/**
 * Draws two toolpaths over one another. While anything moves, few lines stand for many; once it rests, every segment is
 * drawn, a slice a frame upon what is there. No frame is handed over before the one before it is drawn, so that nothing
 * piles up on a computer without a graphics card. The canvas is to be hidden for as long as it has no `data-drawn`.
 */
export class ToolpathScene {
  readonly #renderer: WebGLRenderer;
  readonly #gl: WebGL2RenderingContext;
  readonly #scene = new Scene();
  readonly #camera = new OrthographicCamera();
  readonly #controls: OrbitControls;
  readonly #onTurn: (axes: SeenAxes) => void;
  readonly #marker: Points<BufferGeometry, PointsMaterial>;
  readonly #highlight: Lines = plainLines(new Float32Array(), newInk());
  readonly #inks = { before: newInks(), after: newInks() };
  readonly #slice: Lines = plainLines(new Float32Array(6 * largestSlice), this.#inks.after.cut, DynamicDrawUsage);
  readonly #pace = new SlicePace();
  #drawn: Drawn[] = [];
  #after: Side | undefined;
  #hidden = new Set<string>();
  #scrub = Number.POSITIVE_INFINITY;
  #frame: number | undefined;
  /** What was handed over and is perhaps not drawn yet, and when that was. */
  #sent: { fence: WebGLSync | null; at: number } | undefined;
  #state: 'empty' | 'hidden' | 'seen' | 'gone' = 'empty';
  #picture: 'coarse' | 'exact' = 'coarse';
  #isMoved = false;
  #restsAt = 0;
  #walk: Generator<Slice, undefined> | undefined;
  #strokes: Drawn[] = [];

  /** Throws where the browser has no WebGL. */
  constructor(canvas: HTMLCanvasElement, colours: Colours, onTurn: (axes: SeenAxes) => void) {
    const antialias = !drawsInSoftware();
    this.#renderer = new WebGLRenderer({ canvas, alpha: true, antialias, preserveDrawingBuffer: true });
    this.#renderer.autoClear = false;
    this.#gl = this.#renderer.getContext() as WebGL2RenderingContext;
    this.#camera.up.set(0, 0, 1);
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#onTurn = onTurn;
    this.#controls.addEventListener('change', () => this.moved());
    this.#marker = new Points(
      pointGeometry(),
      new PointsMaterial({ size: 11, sizeAttenuation: false, depthTest: false }),
    );
    for (const object of [this.#marker, this.#highlight, this.#slice]) {
      object.frustumCulled = false;
      object.visible = false;
      object.renderOrder = 10;
      this.#scene.add(object);
    }
    this.paint(colours);
  }

  show(before: Side | undefined, after: Side): void {
    for (const { coarse } of this.#drawn) this.#remove(coarse);
    const inks = this.#inks;
    this.#after = after;
    this.#drawn = [...(before ? drawnOf(before, true, inks.before) : []), ...drawnOf(after, false, inks.after)];
    for (const { coarse } of this.#drawn) this.#scene.add(coarse);
    this.look('iso');
    if (this.#state === 'empty') void this.#begin();
  }

  paint(colours: Colours): void {
    const { before, after } = this.#inks;
    for (const name of layerNames) {
      before[name].color = new Color(colours.before);
      after[name].color = new Color(colours[name]);
      before[name].opacity = name === 'rapid' ? 0.6 : 0.7;
      after[name].opacity = name === 'rapid' ? 0.6 : 1;
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
    const all = [this.#after, ...this.#drawn].map((side) => side?.path.bounds);
    const bounds = all.find((one) => one !== undefined) ?? [-1, -1, -1, 1, 1, 1];
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
      this.#highlight.geometry = lineOfSegments(path.points, own);
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
    this.#isMoved = true;
    this.#walk = undefined;
    this.#restsAt = performance.now() + settleMs;
    if (this.#state === 'empty') return;
    this.#is('coarse');
    this.#next();
  }

  dispose(): void {
    this.#state = 'gone';
    if (this.#frame !== undefined) window.cancelAnimationFrame(this.#frame);
    this.#controls.dispose();
    for (const lines of [this.#slice, this.#highlight, ...this.#drawn.map(({ coarse }) => coarse)]) this.#remove(lines);
    this.#renderer.dispose();
    this.#renderer.forceContextLoss();
  }

  /**
   * The first picture is drawn where nobody sees it: a processor that draws makes programs of its own for each kind of line,
   * which takes a third of a second, and a page that shows a canvas stands still until that is drawn.
   */
  async #begin(): Promise<void> {
    await this.#renderer.compileAsync(this.#scene, this.#camera);
    if (this.#state === 'gone') return;
    this.#state = 'hidden';
    this.moved();
  }

  #next(): void {
    this.#frame ??= window.requestAnimationFrame((now) => this.#step(now));
  }

  /** One frame: nothing while the last one is still being drawn, else what is wanted first. */
  #step(now: number): void {
    this.#frame = undefined;
    if (this.#isDone(now)) {
      if (this.#isMoved) this.#drawCoarse();
      else if (this.#state === 'hidden') this.#reveal();
      else if (now >= this.#restsAt) this.#drawSlice();
    }
    if (this.#picture !== 'exact' || this.#state === 'hidden') this.#next();
  }

  #reveal(): void {
    this.#state = 'seen';
    this.#is(this.#picture);
  }

  #isDone(now: number): boolean {
    if (!this.#sent) return true;
    const { fence, at } = this.#sent;
    if (fence && this.#gl.getSyncParameter(fence, this.#gl.SYNC_STATUS) !== this.#gl.SIGNALED) return false;
    this.#gl.deleteSync(fence);
    this.#sent = undefined;
    if (this.#walk) this.#pace.drawn(now - at);
    return true;
  }

  #drawCoarse(): void {
    this.#isMoved = false;
    const shown = this.#drawn.filter((drawn) => !this.#isHidden(drawn));
    for (const drawn of this.#drawn) {
      const { coarse, layer } = drawn;
      coarse.visible = shown.includes(drawn);
      const pairs = this.#isScrubbed(drawn) ? pairsBefore(layer.coarse, this.#scrub) : layer.coarse.length / 2;
      coarse.geometry.setDrawRange(0, 2 * pairs);
    }
    this.#onTurn(seenAxes(this.#camera));
    this.#renderer.clear();
    this.#render();
    if (shown.every(({ layer }) => 2 * layer.segments.length === layer.coarse.length)) this.#isWhole();
  }

  /** One slice upon those before it; the first clears the thinned picture away, behind the last the tool comes on top. */
  #drawSlice(): void {
    if (!this.#walk) this.#renderer.clear();
    this.#walk ??= this.#slices();
    const { value: slice } = this.#walk.next();
    for (const { coarse } of this.#drawn) coarse.visible = false;
    this.#slice.visible = slice !== undefined;
    if (slice) this.#fill(slice);
    else this.#isWhole();
    this.#render();
    this.#slice.visible = false;
  }

  #fill({ stroke, segments }: Slice): void {
    const position = this.#slice.geometry.getAttribute('position') as BufferAttribute;
    position.clearUpdateRanges();
    position.addUpdateRange(0, 6 * segments);
    position.needsUpdate = true;
    this.#slice.geometry.setDrawRange(0, 2 * segments);
    const drawn = this.#strokes[stroke];
    if (drawn) this.#slice.material = drawn.coarse.material;
  }

  #slices(): Generator<Slice, undefined> {
    this.#strokes = this.#drawn.filter((drawn) => !this.#isHidden(drawn));
    const strokes = this.#strokes.map((drawn): Stroke => {
      const { segments } = drawn.layer;
      const count = this.#isScrubbed(drawn) ? segmentsBefore(segments, this.#scrub) : segments.length;
      return { points: drawn.path.points, segments, count };
    });
    const { array } = this.#slice.geometry.getAttribute('position');
    return slicesOf(strokes, array as Float32Array, () => this.#pace.segments);
  }

  #render(): void {
    this.#renderer.render(this.#scene, this.#camera);
    const { SYNC_GPU_COMMANDS_COMPLETE: complete } = this.#gl;
    this.#sent = { fence: this.#gl.fenceSync(complete, 0), at: performance.now() };
    this.#gl.flush();
  }

  #isWhole(): void {
    this.#walk = undefined;
    this.#is('exact');
  }

  #is(picture: 'coarse' | 'exact'): void {
    this.#picture = picture;
    if (this.#state === 'seen') this.#renderer.domElement.dataset.drawn = picture;
  }

  #remove(lines: Lines): void {
    this.#scene.remove(lines);
    lines.geometry.dispose();
  }

  #isScrubbed({ isBefore }: Drawn): boolean {
    return !isBefore && this.#scrub !== Number.POSITIVE_INFINITY;
  }

  #isHidden({ isBefore, layer }: Drawn): boolean {
    return (isBefore && this.#hidden.has('before')) || this.#hidden.has(layer.name);
  }
}

/** Without a graphics card a processor draws, which takes three times as long for smooth lines as for jagged ones. */
function drawsInSoftware(): boolean {
  const probe = document.createElement('canvas').getContext('webgl2');
  const about = probe?.getExtension('WEBGL_debug_renderer_info');
  const name = about ? String(probe?.getParameter(about.UNMASKED_RENDERER_WEBGL)) : '';
  probe?.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}
