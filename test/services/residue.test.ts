import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { residueRows } from '../../src/catalog/queries/residue.ts';
import { digestHex } from '../../src/domain/digest.ts';
import { makeEvent } from '../../src/domain/events.ts';
import type { MachineId, ReleaseId } from '../../src/domain/ids.ts';
import { type ResidueStatement, residuePredicate } from '../../src/domain/residue.ts';
import { statementType } from '../../src/domain/statements.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import type { Asker } from '../../src/services/principals.ts';
import { ResidueService, residueOpen } from '../../src/services/residue.ts';
import { signPayload } from '../../src/signing/dsse.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { mill, ReturnsPlace, someDecision } from '../helpers/returns-place.ts';
import { makePerson } from '../helpers/test-keys.ts';
import { unsigned } from '../helpers/unsigned.ts';

const local: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
const program = '%\nO4471\nG1 X1. F20.\nM30\n%\n';
const newer = program.replace('F20.', 'F12.');
const operator = makePerson('OP-11', ['operator'], true);
const programmer = makePerson('CAM-1', ['programmer'], true);
const second = 'MILL-2' as MachineId;

let place: ReturnsPlace;
let residue: ResidueService;
beforeEach(async () => {
  place = new ReturnsPlace();
  const { ledger, catalog, standing } = place.at;
  const releases = {
    withdraw: async (_asker: Asker, id: string, reason: string) => {
      const event = makeEvent('release.withdrawn', local.principal, {
        ...{ releaseId: id as ReleaseId, reason, decision: someDecision },
      });
      const { receipt } = await ledger.commit(() => ({ events: [event], result: undefined }));
      return { index: receipt.index, withdrawn: id };
    },
  };
  residue = new ResidueService({ ledger, catalog, standing, authority: place.authority, releases });
  await place.register();
  await place.register({ ...mill, id: second, sshKeys: ['ssh-ed25519 BBBB'] });
  for (const { person } of [operator, programmer])
    await place.commit(makeEvent('person.enrolled', { kind: 'gateway' }, { person, ...unsigned }));
});
afterEach(() => place.close());

const open = () => [...place.at.standing.residue.all()].map(({ machineId, files }) => `${machineId}: ${files.join()}`);
const alarms = () => [...residueOpen(place.at.standing)(0)].map(({ subject }) => subject);

/** The word of somebody who looked. */
async function word(releaseId: ReleaseId, over: Partial<ResidueStatement['predicate']> = {}, by = operator) {
  const digest = residueRows(await place.at.catalog.current(), 10)[0]?.manifestDigest;
  const statement: ResidueStatement = {
    ...{ _type: statementType, predicateType: residuePredicate },
    subject: [{ name: 'manifest.json', digest: { sha256: digest ? digestHex(digest) : '0'.repeat(64) } }],
    predicate: {
      ...{ releaseId, machineId: mill.id, person: by.person.id, meaning: 'I looked: it is gone.' },
      time: new Date(place.now).toISOString(),
      ...over,
    },
  };
  return signPayload(canonicalJson(statement), pemSigningKey(by.key));
}

describe('a release that is recalled', () => {
  test('is on no shelf any more, and open on every machine that got any of it', async () => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId);
    await place.deliver(releaseId, 3, second);
    await place.release('O9.NC', newer);
    const { holders } = await residue.recall(local, releaseId, 'NCR 5512');
    expect(holders).toEqual([
      { machineId: mill.id, files: ['O4471.NC'] },
      { machineId: second, files: ['O4471.NC'] },
    ]);
    expect(place.at.standing.release(releaseId)).toBeUndefined();
    expect(place.events('release.withdrawn', 'release.recalled').map(({ type }) => type)).toEqual([
      'release.withdrawn',
      'release.recalled',
    ]);
    expect(alarms()).toEqual([`${releaseId} on MILL-1`, `${releaseId} on MILL-2`]);
  });

  test('is open nowhere when it was sent nowhere, or nothing of it left', async () => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId, 0);
    expect((await residue.recall(local, releaseId, 'NCR 5512')).holders).toEqual([]);
    expect(open()).toEqual([]);
  });

  test('is recalled also after it was superseded or withdrawn', async () => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId);
    await place.commit(
      makeEvent('release.withdrawn', local.principal, { releaseId, reason: 'NCR 1', decision: someDecision }),
    );
    await residue.recall(local, releaseId, 'NCR 2');
    expect(open()).toEqual(['MILL-1: O4471.NC']);
    expect(place.events('release.withdrawn')).toHaveLength(1);
  });

  test('is held no more by a machine that sent back what took its place, before the recall or after', async () => {
    const old = await place.release('O4471.NC', program);
    await place.deliver(old);
    await place.deliver(old, undefined, second);
    const next = await place.release('O4471.NC', newer);
    await place.deliver(next);
    await place.deliver(next, undefined, second);
    await place.sendBack('O4471.NC', newer, { machine: second });
    expect((await residue.recall(local, old, 'NCR 5512')).holders).toEqual([
      { machineId: mill.id, files: ['O4471.NC'] },
    ]);
    await place.sendBack('O4471.NC', newer.replace('X1.', 'X2.'));
    expect(open()).toEqual(['MILL-1: O4471.NC']);
    await place.sendBack('O4471.NC', newer);
    expect(open()).toEqual([]);
    expect(place.events('residue.cleared')).toMatchObject([{ data: { releaseId: old, proof: { kind: 'readback' } } }]);
    expect(alarms()).toEqual([]);
  });

  test('is not held less because the recalled program itself came back', async () => {
    const releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId);
    await residue.recall(local, releaseId, 'NCR 5512');
    expect(await place.sendBack('O4471.NC', program)).toBe('identical');
    expect(open()).toEqual(['MILL-1: O4471.NC']);
  });
});

describe('where the control has names of its own', () => {
  const other = program.replace('O4471', 'O4472');
  const named = (as: string, content: string) => place.release('MAIN.NC', content, undefined, undefined, as);

  test('a machine is open by them, and another program that is only called the same in the office clears nothing', async () => {
    const old = await named('O4471', program);
    await place.deliver(old);
    await place.deliver(await named('O4472', other));
    await place.sendBack('O4472', other);
    expect((await residue.recall(local, old, 'NCR 5512')).holders).toEqual([{ machineId: mill.id, files: ['O4471'] }]);
    expect(await place.sendBack('O4472', other)).toBe('identical');
    await residue.clearByListing('folder', mill.id, ['O4471', 'O4472']);
    expect(open()).toEqual(['MILL-1: O4471']);
  });

  test('what took its name on the control clears it, whatever it is called in the office', async () => {
    const old = await named('O4471', program);
    await place.deliver(old);
    await residue.recall(local, old, 'NCR 5512');
    await place.deliver(await place.release('O4471', newer));
    await place.sendBack('O4471', newer);
    expect(open()).toEqual([]);
  });

  test('a program of an earlier job is known by its name there when it comes back', async () => {
    await place.deliver(await named('O4471', program));
    await place.deliver(await named('O4472', other));
    expect(await place.sendBack('O4471', program.replace('X1.', 'X2.'))).toBe('different');
  });
});

describe('a machine is cleared of what was recalled', () => {
  let releaseId: ReleaseId;
  beforeEach(async () => {
    releaseId = await place.release('O4471.NC', program);
    await place.deliver(releaseId);
    await place.deliver(releaseId, undefined, second);
    await residue.recall(local, releaseId, 'NCR 5512');
  });

  test('by the signed word of somebody who looked, kept whole, and of no other machine', async () => {
    const envelope = await word(releaseId);
    await residue.clear(local, envelope);
    expect(open()).toEqual(['MILL-2: O4471.NC']);
    expect(place.events('residue.cleared')).toMatchObject([
      { data: { machineId: mill.id, proof: { kind: 'statement', person: 'OP-11', envelope } } },
    ]);
    expect(await residue.list(local)).toMatchObject([
      { machineId: second, clearedBy: null },
      { machineId: mill.id, clearedBy: 'statement of OP-11' },
    ]);
    await expect(residue.clear(local, envelope)).rejects.toMatchObject({ code: 'state-forbids' });
  });

  test('by a listing without its name, where a door can list', async () => {
    await residue.clearByListing('folder', mill.id, ['O1.NC', 'o4471.nc']);
    expect(open()).toHaveLength(2);
    await residue.clearByListing('folder', mill.id, ['O1.NC']);
    expect(open()).toEqual(['MILL-2: O4471.NC']);
    expect(place.events('residue.cleared')).toMatchObject([
      { data: { proof: { kind: 'listing', channel: 'folder' } } },
    ]);
  });

  test.each([
    ['of another machine', { machineId: 'MILL-3' as MachineId }, operator, 'state-forbids'],
    ['of another release', { releaseId: 'REL-0000000009' as ReleaseId }, operator, 'not-found'],
    ['that names somebody else', { person: programmer.person.id }, operator, 'statement-mismatch'],
    ['of somebody whose role it is not', {}, programmer, 'policy-denied'],
    ['of nobody who is known', {}, makePerson('X-1', ['operator']), 'signature-invalid'],
  ] as const)('and by no word %s', async (_what, over, by, code) => {
    const envelope = await word(releaseId, over, by as typeof operator);
    await expect(residue.clear(local, envelope)).rejects.toMatchObject({ code });
    expect(open()).toHaveLength(2);
  });

  test('and by no word that was changed after it was signed', async () => {
    const envelope = await word(releaseId);
    const other = await word(releaseId, { machineId: second });
    const forged = { ...other, signatures: envelope.signatures };
    await expect(residue.clear(local, forged)).rejects.toMatchObject({ code: 'signature-invalid' });
  });
});

test('a catalogue that is folded anew holds the same of recalls and readbacks', async () => {
  const releaseId = await place.release('O4471.NC', program);
  await place.deliver(releaseId);
  await place.sendBack('O4471.NC', newer);
  await place.readback.settled();
  await residue.recall(local, releaseId, 'NCR 5512');
  await residue.clear(local, await word(releaseId));
  const rows = await place.at.catalog.current();
  expect(rows.prepare('SELECT count(*) FROM retrievals').pluck().get()).toBe(1);
  expect(await place.differingTables()).toEqual([]);
});
