import { changeKind } from '../../src/domain/change-kinds.ts';
import type { Change } from '../../src/domain/changes.ts';
import type { Event, Sequenced } from '../../src/domain/events.ts';
import type { ChangeId } from '../../src/domain/ids.ts';
import type { Envelope } from '../../src/domain/statements.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import { changeStatement } from '../../src/signing/change.ts';
import { signPayload } from '../../src/signing/dsse.ts';
import type { SigningKey } from '../../src/signing/signing-key.ts';
import { type TestKeys, testOrigin } from './test-keys.ts';

export type SignedAbout = {
  time: string;
  validUntil?: string;
  changeId?: string;
  origin?: string;
  reason?: string;
};

let made = 0;
/** An id that no other change of this test file has. */
export const nextChangeId = (): ChangeId => `CHG-${String(made++).padStart(10, '0')}` as ChangeId;

/** A change, signed by these keys in this order. */
export async function signChange(
  change: Change,
  signers: readonly SigningKey[],
  about: SignedAbout,
): Promise<Envelope> {
  const { time, validUntil = time, origin = testOrigin, reason = 'A test asks for it.' } = about;
  const changeId = (about.changeId ?? nextChangeId()) as ChangeId;
  const payload = canonicalJson(changeStatement({ changeId, origin, change, reason, time, validUntil }));
  const [first, ...others] = await Promise.all(signers.map((key) => signPayload(payload, key)));
  if (!first) throw new Error('nobody signs');
  return { ...first, signatures: [first, ...others].flatMap(({ signatures }) => signatures) };
}

/** The entry of a change that both administrators of the test keys signed. */
export async function madeChange(
  change: Change,
  { keys, index, time, ...until }: { keys: TestKeys; index: number; time: string; validUntil?: string },
): Promise<Sequenced> {
  const changeId = nextChangeId();
  const reason = 'A test asks for it.';
  const signers = keys.administrators.map(({ key }) => key);
  const authorisation = await signChange(change, signers, { time, changeId, reason, ...until });
  const { kind: _, ...fields } = change;
  const data = { ...fields, changeId, reason, authorisation };
  const event = { v: 1, type: changeKind(change).event, actor: { kind: 'gateway' }, data } as Event;
  return { index, time, event };
}

/** What an event holds that a change made; whoever does not ask who signed it takes it as it is. */
export const unsigned = {
  changeId: 'CHG-0000000000' as ChangeId,
  reason: 'A test asks for it.',
  authorisation: {
    payloadType: 'application/vnd.in-toto+json' as const,
    payload: '',
    signatures: [{ keyid: `sha256:${'0'.repeat(64)}`, sig: '' }],
  },
};
