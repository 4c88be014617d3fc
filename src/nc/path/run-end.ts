/** How a path ended. */
export type PathEnd = 'program-end' | 'end-of-file' | 'step-limit' | 'segment-limit' | 'stopped';

/** Thrown to end a run; the reason is in the notes. */
export class Ended extends Error {
  readonly end: PathEnd;

  constructor(end: PathEnd) {
    super(end);
    this.end = end;
  }
}
