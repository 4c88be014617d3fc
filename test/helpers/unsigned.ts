import type { ChangeId } from '../../src/domain/ids.ts';

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
