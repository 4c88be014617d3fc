import { DomainError } from '../../domain/errors.ts';

/** A failure that another try may not meet. */
export const notDelivered = (what: string, cause?: unknown): DomainError =>
  new DomainError('not-delivered', what, cause === undefined ? {} : { cause });

/** Waits for the far side so long. `giveUp` then cuts the connection, so that nothing of it is still under way. */
export async function patiently<T>(work: Promise<T>, ms: number, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      giveUp();
      reject(notDelivered(`The far side has not answered for ${Math.ceil(ms / 1_000)} s.`));
    }, ms);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a far side says, in a sentence: one line, not for long. */
export const said = (error: unknown): string =>
  ((error as Error).message ?? String(error)).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 120);
