import { limits } from '../domain/limits.ts';
import type { AlarmSource } from './alarms.ts';

export const ledgerFull =
  (space: { readonly isFull: boolean }): AlarmSource =>
  () =>
    space.isFull
      ? [
          {
            code: 'ledger-full',
            subject: 'ledger',
            sentence: `Fewer than ${limits.spaceReserveBytes} bytes are free: nothing new is taken until there is room.`,
            goOn: 'Make room on the disk of the data folder; the gateway goes on by itself.',
          },
        ]
      : [];

export const unwitnessed =
  (witnesses: { readonly unwitnessed: boolean }): AlarmSource =>
  () =>
    witnesses.unwitnessed
      ? [
          {
            code: 'checkpoint-unwitnessed',
            subject: 'ledger',
            sentence: 'Checkpoints go out unwitnessed: too few witnesses answer.',
            goOn: 'Ask those who run the witnesses; the log names which of them do not answer.',
          },
        ]
      : [];

/** `trouble`: a sentence without its full stop; undefined while the signer works. */
export const signerAway =
  (trouble: () => string | undefined): AlarmSource =>
  () => {
    const why = trouble();
    if (why === undefined) return [];
    const sentence = `${why}: nothing is released or delivered until it is back.`;
    return [{ code: 'signer-away', subject: 'signer', sentence, goOn: 'Look into the log of the signer.' }];
  };
