import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import { DepositId, PackageId, PersonId } from '../../src/domain/ids.ts';
import { limits } from '../../src/domain/limits.ts';
import { verifyLedgerFile } from '../../src/ledger/verify.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger, someEvent } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
let at: ReturnType<typeof openTestLedger>;
/** What was asked of the source of salts: nothing is hashed without one. */
let salts: number;
beforeEach(() => {
  place = temporaryFolder();
  salts = 0;
  const random = (size: number) => {
    salts += 1;
    return Buffer.alloc(size, salts);
  };
  at = openTestLedger({ keys, folder: place.folder, random });
});
afterEach(() => {
  at.close();
  place.remove();
});

const commit = (event: Event) => at.ledger.commit(() => ({ events: [event], result: 0 }));
const [packageId, person] = [PackageId.parse('PKG-0000000001'), PersonId.parse('QA-1')];
const refusalSaying = (message: string) =>
  makeEvent('approval.rejected', { kind: 'gateway' }, { packageId, person, code: 'forbidden', message });

async function leavesNothing(event: Event, code: string): Promise<void> {
  const before = at.ledger.head();
  await expect(commit(event)).rejects.toMatchObject({ code });
  expect(at.ledger.head()).toEqual(before);
  expect(salts, 'nothing is hashed').toBe(0);
  expect(at.reader.size()).toBe(0);
}

describe('what is refused before it is hashed', () => {
  it.each([
    ['a terminal sequence', 'see \u001b[2J\u001b[31mhere'],
    ['a line break', 'one line\r\nforged: another'],
    ['a NUL', 'cut\u0000off'],
    ['a C1 control', 'see \u009b31m'],
    ['a reversed text', 'gnp.\u202eexe.NC'],
    ['an invisible character', 'QA\u200b-1'],
    ['a line separator', 'one\u2028two'],
    ['another Unicode form', 'Mu\u0308ller'],
    ['half a character', 'broken \ud800'],
    ['more than its field holds', 'x'.repeat(limits.textChars + 1)],
    ['nothing', ''],
  ])('a text with %s', async (_what, text) => {
    await leavesNothing(refusalSaying(text), 'request-invalid');
  });

  it.each<[string, object]>([
    ['a body of another type', { ...someEvent(1), type: 'machine.registered' }],
    ['a type that there is not', { ...someEvent(1), type: 'person.promoted' }],
    ['a field too many', { ...someEvent(1), approved: true }],
    ['another version', { ...someEvent(1), v: 2 }],
    ['a number for a text', { ...refusalSaying('x'), data: { packageId, person, code: 'forbidden', message: 7 } }],
  ])('%s', async (_what, event) => {
    await leavesNothing(event as Event, 'request-invalid');
  });

  it('a body of more than 60 kB, although every field of it is within its bounds', async () => {
    const finding = {
      rule: 'x',
      severity: 'note',
      file: 'n'.repeat(200),
      message: 'm'.repeat(limits.textChars),
    } as const;
    const findings = Array.from({ length: limits.findingsKept }, () => finding);
    const depositId = DepositId.parse('DEP-0000000001');
    const data = { depositId, facts: [], findings, more: 0 };
    await leavesNothing(makeEvent('deposit.inspected', { kind: 'gateway' }, data), 'too-large');
  });
});

it('markup in a text is a text: it stands in one record as it was written, and in no leaf', async () => {
  const text = `</script><script>alert("1")</script> ' ; DROP TABLE entries; -- %s \\n`;
  await commit(refusalSaying(text));
  await at.publisher.covering(1, 5_000);
  const entry = at.reader.entry(0) ?? expect.fail('nothing was recorded');
  expect(JSON.parse(entry.body.toString('utf8'))).toMatchObject({ data: { message: text } });
  expect(entry.body.includes(10)).toBe(false);
  expect(entry.leaf.toString('latin1')).not.toContain('script');
  const rows = (await at.catalog.current()).prepare('SELECT message FROM refusals').pluck().all();
  expect(rows).toEqual([text]);
  expect(verifyLedgerFile(join(place.folder, 'ledger.db'), keys.trust).problems).toEqual([]);
});
