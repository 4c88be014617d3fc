import { expect, test } from 'vitest';
import type { Condition } from '../../src/domain/alarms.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { ledgerFull, signerAway, unwitnessed } from '../../src/services/alarm-sources.ts';
import { Alarms } from '../../src/services/alarms.ts';
import { asPerson } from '../../src/services/authority.ts';

const asker = asPerson('QA-1', { channel: 'https', encrypted: true });

/** The alarms of these sources, with what they say in the log. */
function watched(...sources: Parameters<Alarms['from']>[0][]) {
  const said: string[] = [];
  const line = (how: string) => (about: { alarm: string }) => void said.push(`${how} ${about.alarm}`);
  const log = { error: line('error'), warn: line('warn'), info: line('info') } as never;
  const time = { now: Date.parse('2027-01-15T12:00:00Z') };
  const alarms = new Alarms({ authority: { require: () => ({}) as never }, clock: () => time.now, log });
  for (const source of sources) alarms.from(source);
  return { alarms, said, time };
}

test('an alarm is said once when it comes up, keeps its time, and goes when its cause is gone', () => {
  const space = { isFull: false };
  const { alarms, said, time } = watched(ledgerFull(space));
  expect(alarms.list(asker)).toEqual([]);
  space.isFull = true;
  const since = new Date(time.now).toISOString();
  for (let seconds = 0; seconds < 3; seconds++) {
    expect(alarms.list(asker)).toMatchObject([{ code: 'ledger-full', since }]);
    time.now += 1_000;
  }
  space.isFull = false;
  expect(alarms.list(asker)).toEqual([]);
  space.isFull = true;
  expect(alarms.list(asker)).toMatchObject([{ since: new Date(time.now).toISOString() }]);
  expect(said).toEqual(['error ledger-full', 'info ledger-full', 'error ledger-full']);
});

test('a signer that is away and checkpoints without witnesses are alarms as long as they last', () => {
  const state: { trouble: string | undefined; unwitnessed: boolean } = { trouble: undefined, unwitnessed: false };
  const { alarms } = watched(
    signerAway(() => state.trouble),
    unwitnessed(state),
  );
  expect(alarms.list(asker)).toEqual([]);
  Object.assign(state, { trouble: 'The signer is not answering', unwitnessed: true });
  expect(alarms.list(asker).map(({ code }) => code)).toEqual(['checkpoint-unwitnessed', 'signer-away']);
  Object.assign(state, { trouble: undefined, unwitnessed: false });
  expect(alarms.list(asker)).toEqual([]);
});

test('two alarms of one kind are two, and each step towards an end is said again', () => {
  const about = { code: 'expires-soon', sentence: 'It ends.', goOn: 'Renew it.' } as const;
  const conditions: Condition[] = [
    { ...about, subject: 'A', step: '30 days' },
    { ...about, subject: 'B' },
  ];
  const { alarms, said } = watched(() => conditions);
  alarms.look();
  conditions[0] = { ...about, subject: 'A', step: '7 days' };
  alarms.look();
  expect(said).toEqual(['warn expires-soon', 'warn expires-soon', 'warn expires-soon']);
  expect(alarms.list(asker)).toHaveLength(2);
});

test('whoever may not read the ledger is told nothing', () => {
  const { alarms } = watched(ledgerFull({ isFull: true }));
  const refuse = () => {
    throw new DomainError('policy-denied', 'No rule allows this.');
  };
  const closed = new Alarms({
    authority: { require: refuse },
    clock: Date.now,
    log: { error() {}, warn() {}, info() {} } as never,
  });
  closed.from(ledgerFull({ isFull: true }));
  expect(() => closed.list(asker)).toThrow('No rule allows this.');
  expect(alarms.list(asker)).toHaveLength(1);
});
