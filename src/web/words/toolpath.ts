export const toolpathWords = {
  views: 'Seen from',
  iso: 'Iso',
  top: 'Top',
  front: 'Front',
  side: 'Side',
  before: 'Before',
  cut: 'Now',
  changed: 'Changed',
  rapid: 'Rapids',
  scrub: 'How far the tool has come',
  line: (line: number) => `line ${line.toLocaleString('en-US')}`,
  inProgram: (name: string) => `in ${name}`,
  tool: (tool: string) => `tool ${tool}`,
  noTool: 'no tool yet',
  moves: (count: number) => `${count.toLocaleString('en-US')} segments`,
  canvas: 'Toolpath. Drag to turn, wheel to come nearer, click a move to find its line.',
  noWebGl: 'This browser cannot draw the path (no WebGL).',
  nothing: 'This program moves nothing that could be drawn.',
  /** Without axes: each is known somewhere, and never all of them at both ends of a move. */
  empty: (axes: readonly string[]) =>
    axes.length === 0
      ? 'This path is not drawn: no move begins and ends where X, Y and Z are all known. Read the text beside it; a program that says all three before its first cut is drawn.'
      : `This path is not drawn: the program never says where ${axes.join(' and ')} ${axes.length === 1 ? 'is' : 'are'}, so that only the machine knows. Read the text beside it; a program that says ${axes.join(' and ')} before its first cut is drawn.`,
  notShown: (count: number) => `${count} thing${count === 1 ? '' : 's'} that this picture does not show`,
  loading: 'Computing the path…',
} as const;
