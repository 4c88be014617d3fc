import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DepositId } from '../../src/domain/ids.ts';
import type { IncomingDeposit } from '../../src/domain/intake.ts';
import type { Authority } from '../../src/services/authority.ts';
import { type InspectionTask, runInspection } from '../../src/services/inspection-task.ts';
import { IntakeService } from '../../src/services/intake.ts';
import { MachineProfiles } from '../../src/services/machine-profiles.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { countingRandom, openTestLedger, silentLog } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
let at: ReturnType<typeof openTestLedger>;
let troubled: Set<string>;
let intake: IntakeService;

/** The real vault, on a disk that cannot be read back while somebody looks after it. */
class TroubledVault extends BlobStore {
  override async readQuarantined(...asked: Parameters<BlobStore['readQuarantined']>): Promise<Buffer> {
    const bytes = await super.readQuarantined(...asked);
    for (const part of troubled) if (bytes.includes(part)) throw new Error('EIO');
    return bytes;
  }
}

beforeEach(() => {
  place = temporaryFolder();
  troubled = new Set();
  at = openTestLedger({ keys, folder: place.folder });
  const vault = new TroubledVault(`${place.folder}/vault`);
  const authority = {} as Authority;
  const profiles = MachineProfiles.load(new URL('../../config/machines', import.meta.url).pathname);
  const inspection = { inspect: async (task: InspectionTask) => runInspection(task) };
  intake = new IntakeService({
    ...at,
    vault,
    authority,
    profiles,
    inspection,
    random: countingRandom(),
    log: silentLog,
    onLongProgram: () => {},
  });
});
afterEach(() => {
  at.close();
  place.remove();
});

/** Its author is enrolled nowhere, so that its inspection ends with a rejection. */
function deposit(id: string, part: string): IncomingDeposit {
  const said = { jurisdiction: 'none' };
  const files = [{ name: 'O1.NC', role: 'main-program' }];
  const about = {
    part,
    revision: 'A',
    operation: '10',
    machineGroup: 'M',
    author: 'X',
    changeOrder: 'E',
    classification: said,
    files,
  };
  return {
    depositId: id as DepositId,
    door: 'http',
    name: part,
    sidecar: { fileName: 's.keyway.json', bytes: Buffer.from(JSON.stringify(about)), parsed: undefined },
    files: [
      {
        name: 'O1.NC',
        content: (async function* () {
          yield Buffer.from('%\nO1\nG20\nM30\n%\n');
        })(),
      },
    ],
    problems: [],
  };
}

it('a deposit that cannot be inspected now stays durable, stops no other, and is taken up when the trouble is over', async () => {
  const [ill, well] = ['DEP-0000000001', 'DEP-0000000002'] as [DepositId, DepositId];
  troubled.add('ILL-1').add('WELL-1');
  expect(await intake.receive(deposit(ill, 'ILL-1'))).toEqual({ state: 'received' });
  expect(await intake.receive(deposit(well, 'WELL-1'))).toEqual({ state: 'received' });
  troubled.delete('WELL-1');
  await intake.resume();
  expect(await intake.outcome(ill)).toEqual({ state: 'received' });
  expect(await intake.outcome(well)).toMatchObject({ state: 'rejected', reasons: [{ code: 'author-unknown' }] });
  troubled.clear();
  await Promise.all([intake.resume(), intake.resume()]);
  expect(await intake.outcome(ill)).toMatchObject({ state: 'rejected', reasons: [{ code: 'author-unknown' }] });
  const types = [...at.reader.leaves(0, at.ledger.size)].map((leaf) => JSON.parse(leaf.toString()).type);
  expect(types.filter((type) => type === 'deposit.rejected')).toHaveLength(2);
});
