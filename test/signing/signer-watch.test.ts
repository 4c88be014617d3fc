import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { channelPair } from '../../src/platform/child-process.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { serveCalls } from '../../src/platform/rpc.ts';
import { type SignerSettings, signerProcedures } from '../../src/signing/signer-protocol.ts';
import { SignerWatch } from '../../src/signing/signer-watch.ts';
import { silentLog } from '../helpers/test-ledger.ts';

const settings: SignerSettings = {
  keys: { folder: '/keys' },
  stateFile: '/state.json',
  trustFile: '/trust.json',
  trust: digestOf(''),
  routesFile: '/routes.yaml',
};

/** A signer that answers as it is told, and counts what it is asked. */
let trouble: DomainError | undefined;
let asked: Record<'configure' | 'ping', number>;
let watch: SignerWatch;
let channel: ReturnType<typeof channelPair>;
beforeEach(() => {
  trouble = undefined;
  asked = { configure: 0, ping: 0 };
  channel = channelPair();
  const answer = <T>(name: 'configure' | 'ping', output: T) => {
    asked[name] += 1;
    if (trouble) throw trouble;
    return output;
  };
  const never = () => {
    throw new Error('nobody asks for this here');
  };
  serveCalls(channel.right, signerProcedures, {
    configure: () => answer('configure', { isolated: true }),
    ping: () => answer('ping', {}),
    lastSigned: never,
    signCheckpoint: never,
    followLedger: never,
    takeLeaves: never,
    signRelease: never,
  });
  watch = new SignerWatch(settings, silentLog);
});
afterEach(() => channel.close());

/** Both ends answer in turns of the event loop. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const look = async () => {
  watch.look();
  await settled();
};
const away = new DomainError('token-unavailable', 'The token KEYWAY is not there. Put it in.');
const wrongPin = new DomainError('config-invalid', 'The PIN of the token KEYWAY is not right.');

describe('a signer whose key is in a token', () => {
  it('is ready once it is configured, and asked from then on whether it still is', async () => {
    watch.started(channel.left, 1);
    expect(watch.trouble).toBe('not-answering');
    await settled();
    await look();
    expect([watch.trouble, asked]).toEqual([undefined, { configure: 1, ping: 1 }]);
  });

  it('is not ready while the token is away, and tried again until it is back', async () => {
    watch.started(channel.left, 1);
    await settled();
    trouble = away;
    await look();
    expect(watch.trouble).toBe('token-away');
    await expect(watch.call('lastSigned', {})).rejects.toMatchObject({
      code: 'signer-unavailable',
      message: expect.stringMatching(/token .* put it back/),
    });
    await look();
    await look();
    expect([watch.trouble, asked.configure]).toEqual(['token-away', 3]);
    trouble = undefined;
    await look();
    expect(watch.trouble).toBeUndefined();
  });

  it('is never tried again with a wrong PIN, which would lock the token', async () => {
    trouble = wrongPin;
    watch.started(channel.left, 1);
    await settled();
    for (let i = 0; i < 5; i++) await look();
    expect([watch.trouble, asked.configure]).toEqual(['keys-unusable', 1]);
  });

  it('is not tried with a wrong PIN either after the token was exchanged', async () => {
    watch.started(channel.left, 1);
    await settled();
    trouble = away;
    await look();
    trouble = wrongPin;
    for (let i = 0; i < 5; i++) await look();
    expect([watch.trouble, asked.configure]).toEqual(['keys-unusable', 2]);
  });

  it('that ended is not ready until it was started and configured anew', async () => {
    watch.started(channel.left, 1);
    await settled();
    watch.ended();
    expect(watch.trouble).toBe('not-answering');
    await look();
    expect(asked).toEqual({ configure: 1, ping: 0 });
  });
});
