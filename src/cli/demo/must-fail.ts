import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { DepositView } from '../../edges/http/contract/deposits.ts';
import type { PackageView } from '../../edges/http/contract/packages.ts';
import type { Job } from './jobs.ts';
import type { Scene } from './scene.ts';

/** Three things that must fail, tried on the running gateway, and what puts the last one right. */
export async function mustFail(
  scene: Scene,
  later: Job,
  { job, found }: { job: Job; found: PackageView },
): Promise<void> {
  scene.tell.step('Three things that must fail');
  const deposit = await scene.drop(later);
  const client = await scene.connect();
  const revisions = await client.list(`/by-part/${found.part}`);
  scene.tell.check(
    `1. ${later.label} (${deposit.packageId ?? deposit.state}) is not approved, so it is not on the shelf: ${revisions.join(', ')}`,
    deposit.state === 'admitted' && revisions.join() === found.revision,
  );

  const own = await scene.stage.keyway(
    'approve',
    deposit.packageId ?? '',
    '--as',
    'CAM-1',
    '--key',
    scene.key('CAM-1'),
    '--role',
    'manufacturing-engineer',
  );
  const refusal = (own.out as { error?: { code: string; message: string } } | undefined)?.error;
  scene.tell.check(
    `2. the author's own approval: ${refusal?.code}: ${refusal?.message}`,
    own.code !== 0 && refusal?.code === 'author-may-not-approve',
  );

  const program = job.files[0]?.name ?? '';
  const path = `/by-part/${found.part}/${found.revision}/${found.operation}/${program}`;
  editCatalogue(scene, found, deposit);
  const afterEdit = await client.pull(path);
  scene.tell.check(
    `3. catalog.db edited by hand to point ${program} at other bytes: ${afterEdit}`,
    typeof afterEdit === 'string',
  );
  const stillHidden = await client.list(`/by-part/${found.part}`);
  scene.tell.check(
    `   the unapproved revision, marked "released" there, is still not on the shelf`,
    stillHidden.join() === found.revision,
  );

  const { out } = await scene.expectDone(['ledger', 'rebuild']);
  const differing = (out as { differing: string[] }).differing.join(', ');
  const mended = await client.pull(path);
  scene.tell.check(
    `   "keyway ledger rebuild" names what was edited (${differing}) and delivery goes on`,
    Buffer.isBuffer(mended),
  );
  client.close();
  await scene.verifyLedger();
}

/** What somebody with a SQLite shell could try. */
function editCatalogue(scene: Scene, found: PackageView, other: DepositView): void {
  const db = new Database(join(scene.stage.folder, 'data', 'catalog.db'));
  db.prepare('UPDATE release_files SET digest = ? WHERE release_id = ? AND position = 0').run(
    other.files[0]?.digest,
    found.releaseId,
  );
  db.prepare("UPDATE packages SET state = 'released' WHERE id = ?").run(other.packageId);
  db.prepare(
    `INSERT INTO releases (id, package_id, part, revision, operation, machine_group, state, manifest_digest, signatures, idx, time)
       SELECT 'REL-0000000000', id, part, revision, operation, machine_group, 'in-force', manifest_digest, '[]', idx, time FROM packages WHERE id = ?`,
  ).run(other.packageId);
  db.close();
}
