/** A part of both sequences: `[beforeStart, beforeEnd)` against `[afterStart, afterEnd)`. */
export type Span = { beforeStart: number; beforeEnd: number; afterStart: number; afterEnd: number };
