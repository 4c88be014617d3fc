import { Button, Checkbox } from '@mantine/core';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { toolpathWords } from '../../words/toolpath.ts';
import { othersFirst } from '../turn.ts';
import { Watermarked } from '../watermark.tsx';
import { AxesPicture, turnAxes } from './axes.tsx';
import { type LineSpan, layersOf } from './layers.ts';
import type { Side } from './objects.ts';
import { inchFlag, type Toolpath } from './pack.ts';
import { type Colours, ToolpathScene, type ViewName } from './scene.ts';
import styles from './toolpath.module.css';
import { WhyEmpty } from './why-empty.tsx';

type ToolpathViewParts = {
  before: Toolpath | undefined;
  /** Undefined until both have come: all that takes time before anything can be drawn is done meanwhile. */
  after: Toolpath | undefined;
  /** Lines that changed, of the older and of the newer program. */
  changed: { before: readonly LineSpan[]; after: readonly LineSpan[] };
  /** The line that people look at elsewhere. */
  line: number | undefined;
  onLine(line: number): void;
};

/** What software GL draws in a frame and leaves time for the rest of the page. */
const coarseLines = 16_000;

/** Both paths over one another, the tool at any place of the newer one, and from a line to its move and back. */
export function ToolpathView({ before, after, changed, line, onLine }: ToolpathViewParts) {
  const [chosen, setChosen] = useState<number>();
  const segment = chosen ?? Math.max(0, (after?.segments ?? 0) - 1);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const sides = useSides({ before, after, changed });
  const { canvas, axes, scene, problem } = useScene(sides);
  useEffect(() => scene?.setHidden(hidden), [scene, hidden]);
  useEffect(() => {
    const found = line === undefined || !after ? undefined : firstOfLine(after, line);
    if (found !== undefined) setChosen(found);
  }, [after, line]);
  useEffect(() => {
    if (sides) scene?.scrubTo(segment, lineOf(sides.after.path, segment));
  }, [scene, sides, segment]);

  const toggle = (name: string) => () => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  const pick = (event: React.MouseEvent<HTMLCanvasElement>): void => {
    const found = scene?.pick(event.nativeEvent.offsetX, event.nativeEvent.offsetY);
    if (found === undefined || !after) return;
    setChosen(found);
    if (after.program[found] === 0) onLine(after.line[found] ?? 1);
  };
  if (problem) return <p className={styles.note}>{toolpathWords.noWebGl}</p>;
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        <span className={styles.views}>
          {(['iso', 'top', 'front', 'side'] as const).map((name: ViewName) => (
            <Button key={name} size="compact-xs" variant="default" onClick={() => scene?.look(name)}>
              {toolpathWords[name]}
            </Button>
          ))}
        </span>
        <span className={styles.keys}>
          <Key of="cut" />
          {changed.after.length > 0 && <Key of="changed" />}
          {before && (
            <Checkbox
              size="xs"
              label={<Key of="before" />}
              checked={!hidden.has('before')}
              onChange={toggle('before')}
            />
          )}
          <Checkbox size="xs" label={<Key of="rapid" />} checked={!hidden.has('rapid')} onChange={toggle('rapid')} />
        </span>
      </div>
      <Watermarked className={styles.stage}>
        <WhyEmpty path={after} />
        <canvas ref={canvas} className={styles.canvas} aria-label={toolpathWords.canvas} role="img" onClick={pick} />
        <AxesPicture picture={axes} />
      </Watermarked>
      {!after && <p className={styles.quiet}>{toolpathWords.loading}</p>}
      {after && <Scrub path={after} segment={segment} setSegment={setChosen} onLine={onLine} />}
      {after && <Notes notes={after.notes} />}
    </div>
  );
}

type Sides = { before: Side | undefined; after: Side };

function useSides({ before, after, changed }: Pick<ToolpathViewParts, 'before' | 'after' | 'changed'>) {
  const [sides, setSides] = useState<Sides>();
  useEffect(() => {
    if (!after) return;
    const wanted = new AbortController();
    const sort = async () => {
      const lines = before ? coarseLines / 2 : coarseLines;
      const older = before && { path: before, layers: await layersOf(before, changed.before, lines) };
      const newer = { path: after, layers: await layersOf(after, changed.after, lines) };
      if (!wanted.signal.aborted) setSides({ before: older, after: newer });
    };
    void sort();
    return () => wanted.abort();
  }, [before, after, changed]);
  return sides;
}

/** The canvas is three's; React hands it what is to be seen. */
function useScene(sides: Sides | undefined) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const axes = useRef<SVGSVGElement>(null);
  const [scene, setScene] = useState<ToolpathScene>();
  const [problem, setProblem] = useState(false);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const wanted = new AbortController();
    const make = async () => {
      // The page around it has a frame before: making a scene takes one of its own.
      await othersFirst();
      if (wanted.signal.aborted) return;
      try {
        setScene(keepScene(element, axes, wanted.signal));
      } catch {
        setProblem(true);
      }
    };
    void make();
    return () => wanted.abort();
  }, []);
  useEffect(() => {
    if (sides) scene?.show(sides.before, sides.after);
  }, [scene, sides]);
  return { canvas, axes, scene, problem };
}

/** A scene that follows its element's size and colours until `end`. Throws where the browser has no WebGL. */
function keepScene(element: HTMLCanvasElement, axes: RefObject<SVGSVGElement | null>, end: AbortSignal): ToolpathScene {
  const scene = new ToolpathScene(element, coloursOf(element), (seen) => turnAxes(axes.current, seen));
  const sizes = new ResizeObserver(() => scene.resize(element.clientWidth, element.clientHeight));
  sizes.observe(element);
  const schemes = new MutationObserver(() => scene.paint(coloursOf(element)));
  schemes.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
  end.addEventListener('abort', () => {
    sizes.disconnect();
    schemes.disconnect();
    scene.dispose();
  });
  return scene;
}

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  const cut = of('--kw-path-new');
  return {
    before: of('--kw-path-old'),
    ...{ cut, rapid: cut },
    changed: of('--kw-path-changed'),
    marker: of('--kw-ink'),
  };
}

type ScrubParts = { path: Toolpath; segment: number; setSegment(to: number): void; onLine(line: number): void };

function Scrub({ path, segment, setSegment, onLine }: ScrubParts) {
  const tool = path.tools[path.tool[segment] ?? 0] ?? '';
  const program = path.program[segment] ?? 0;
  if (path.segments === 0) return <p className={styles.note}>{toolpathWords.nothing}</p>;
  return (
    <div className={styles.scrub}>
      <input
        type="range"
        min={0}
        max={path.segments - 1}
        value={segment}
        aria-label={toolpathWords.scrub}
        onChange={(event) => {
          const to = event.currentTarget.valueAsNumber;
          setSegment(to);
          if (path.program[to] === 0) onLine(path.line[to] ?? 1);
        }}
      />
      <span>
        {toolpathWords.line(path.line[segment] ?? 0)}
        {program > 0 && ` ${toolpathWords.inProgram(path.programs[program] ?? '')}`} ·{' '}
        {tool === '' ? toolpathWords.noTool : toolpathWords.tool(tool)}
        {' · '}
        {placeOf(path, segment)}
      </span>
      <span className={styles.quiet}>{toolpathWords.moves(path.segments)}</span>
    </div>
  );
}

/** Where the tool stands behind a segment, in the unit that the program counts in there. */
function placeOf({ points, flags }: Toolpath, segment: number): string {
  const isInch = ((flags[segment] ?? 0) & inchFlag) !== 0;
  const place = points.subarray(3 * (segment + 1), 3 * (segment + 1) + 3);
  const text = (value = Number.NaN): string => {
    if (Number.isNaN(value)) return '?';
    return isInch ? (value / 25.4).toFixed(4) : value.toFixed(3);
  };
  return `${['X', 'Y', 'Z'].map((axis, at) => `${axis} ${text(place[at])}`).join('  ')} ${isInch ? 'in' : 'mm'}`;
}

/** What a colour stands for. */
const Key = ({ of }: { of: 'before' | 'cut' | 'changed' | 'rapid' }) => (
  <span className={styles.key} data-of={of}>
    {toolpathWords[of]}
  </span>
);

function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <details className={styles.notes}>
      <summary>{toolpathWords.notShown(notes.length)}</summary>
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  );
}

function firstOfLine({ line, program, segments }: Toolpath, wanted: number): number | undefined {
  for (let at = 0; at < segments; at++) if (line[at] === wanted && program[at] === 0) return at;
  return undefined;
}

/** The neighbours that one line made. */
function lineOf({ line, program, segments }: Toolpath, segment: number): { from: number; to: number } {
  const same = (at: number) => line[at] === line[segment] && program[at] === program[segment];
  let from = segment;
  let to = segment + 1;
  while (from > 0 && same(from - 1)) from--;
  while (to < segments && same(to)) to++;
  return { from, to: Math.min(to, segments) };
}
