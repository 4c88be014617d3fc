import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/changes.ts';
import { makeEvent } from '../../../src/domain/events.ts';
import { PersonId } from '../../../src/domain/ids.ts';
import { Policy } from '../../../src/policy/decide.ts';
import { Authority } from '../../../src/services/authority.ts';
import { ChangeService } from '../../../src/services/changes.ts';
import { pemSigningKey } from '../../../src/signing/signing-key.ts';
import { signed } from '../../edges/http/http-door.ts';
import { signChange } from '../../helpers/changes.ts';
import { openReviewDesk } from '../../helpers/review-desk.ts';
import { atTheHost, openSignInRoom, type SignInRoom } from '../../helpers/sign-in-room.ts';
import { makePerson } from '../../helpers/test-keys.ts';
import { policyFolder } from '../../policy/cases.ts';

const id = (text: string) => PersonId.parse(text);

describe('a person whose account is suspended', () => {
  let room: SignInRoom;
  const administrator = makePerson('ADM-3', ['administrator'], true);
  beforeAll(async () => {
    room = await openSignInRoom();
    await room.make({ kind: 'person.enrol', person: administrator.person });
  });
  afterAll(() => room.close());

  const askSigned = async () => {
    const { path, headers } = signed(administrator, { path: '/accounts' }, { created: room.time.now / 1_000 });
    return (await room.app.inject({ url: path, headers: headers ?? {} })).statusCode;
  };

  it('asks for nothing with a key of their own either, until they are restored', async () => {
    expect(await askSigned()).toBe(200);
    await room.identity.accounts.suspend(atTheHost, id('ADM-3'), 'Away.');
    expect(await askSigned()).toBe(401);
    const asker = {
      principal: { kind: 'person' as const, id: id('ADM-3') },
      context: { channel: 'https' as const, encrypted: true },
    };
    expect(room.identity.isStillHere(asker)).toBe(false);
    expect(() => room.identity.accounts.list(asker)).toThrow(/suspended/);
    await room.identity.accounts.restore(atTheHost, id('ADM-3'), 'Back.');
    expect(await askSigned()).toBe(200);
    expect(room.identity.isStillHere(asker)).toBe(true);
  });

  it('signs no change', async () => {
    const { ledger, standing, keys } = room;
    const clock = () => room.time.now;
    const authority = new Authority(Policy.load(policyFolder), standing, clock, { refused: () => {} });
    const changes = new ChangeService({ ledger, standing, authority, trust: keys.trust, clock });
    const [root] = keys.administrators;
    if (!root) throw new Error('nobody in office');
    const time = new Date(clock()).toISOString();
    const submit = async (who: string) => {
      const change: Change = { kind: 'person.enrol', person: makePerson(who, ['quality']).person };
      return changes.submit(
        atTheHost,
        await signChange(change, [root.key, pemSigningKey(administrator.key)], { time }),
      );
    };
    expect(await submit('QA-1')).toMatchObject({ state: 'made' });
    await room.identity.accounts.suspend(atTheHost, id('ADM-3'), 'Away.');
    await expect(submit('QA-2')).rejects.toMatchObject({ message: expect.stringContaining('suspended') });
  });

  it('is nobody who is not there, and nobody twice', async () => {
    await expect(room.identity.accounts.suspend(atTheHost, id('GHOST'), 'Away.')).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(room.identity.accounts.suspend(atTheHost, id('ADM-3'), 'Away.')).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

it('an approval by a suspended person does not count, whoever brings it', async () => {
  const desk = await openReviewDesk();
  const { outcome } = await desk.deposit('%\nO1\nN10 G20 G90 G17\nN20 G1 X1. F20.\nN30 M30\n%\n');
  if (outcome.state !== 'admitted') throw new Error(JSON.stringify(outcome));
  const suspended = makeEvent('account.suspended', { kind: 'gateway' }, { person: id('ME-2'), reason: 'Away.' });
  await desk.at.ledger.commit(() => ({ events: [suspended], result: undefined }));
  const { engineer } = desk.people;
  await expect(desk.approve(engineer, 'manufacturing-engineer', outcome.packageId)).rejects.toMatchObject({
    code: 'unauthenticated',
  });
  expect(desk.events('approval.given')).toEqual([]);
  desk.close();
});
