import { believeGateway, readTrustFile } from './believed-keys.ts';
import type { TrustedKeys } from './verify-checkpoint.ts';
import { type Grown, type Judged, judgeGrowth, keepSeen, readSeen, type Seen } from './verify-growth.ts';

type Watch = {
  seen: Seen | undefined;
  /** `witnesses`: whose cosignatures are looked for, where there are any. */
  judge(claimed: Grown, now: Date, witnesses?: TrustedKeys['witnesses']): Promise<Judged>;
};

/** This browser as a small witness: what it found good once, everything later has to extend. */
export function watchOf(trustFile: string, storage: Pick<Storage, 'getItem' | 'setItem'>): Watch {
  const keys = readTrustFile(trustFile);
  if (!keys)
    return { seen: undefined, judge: async () => ({ state: 'bad', why: 'the gateway’s trust file is not one' }) };
  const seen = readSeen(keys.origin, storage);
  return {
    seen,
    async judge(claimed, now, witnesses) {
      const judged = await judgeGrowth(claimed, believeGateway({ ...keys, witnesses }, storage, now), seen);
      if (judged.state === 'good')
        keepSeen(keys.origin, { size: judged.size, note: claimed.note, at: now.toISOString() }, storage);
      return judged;
    },
  };
}
