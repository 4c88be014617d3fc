import type { Manifest } from '../../domain/manifest.ts';
import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

export function applyReleases(db: Sqlite): ApplyTable<'release.issued' | 'release.superseded' | 'release.withdrawn'> {
  const packageRow = db.prepare('SELECT manifest FROM packages WHERE id = ?').pluck();
  const issue = db.prepare(
    `INSERT INTO releases (id, package_id, part, revision, operation, machine_group, state, manifest_digest, signatures, idx, time)
     VALUES (@id, @packageId, @part, @revision, @operation, @machineGroup, 'in-force', @digest, @signatures, @idx, @time)`,
  );
  const addFile = db.prepare(
    'INSERT INTO release_files (release_id, position, name, role, digest, size) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const released = db.prepare(`UPDATE packages SET state = 'released', release_id = @releaseId WHERE id = @packageId`);
  const supersede = db.prepare(
    `UPDATE releases SET state = 'superseded', superseded_by = @by, ended_idx = @idx WHERE id = @id`,
  );
  const withdraw = db.prepare(
    `UPDATE releases SET state = 'withdrawn', reason = @reason, ended_idx = @idx WHERE id = @id`,
  );
  const packageWithdrawn = db.prepare(
    `UPDATE packages SET state = 'withdrawn', reason = @reason WHERE id = (SELECT package_id FROM releases WHERE id = @id)`,
  );
  return {
    'release.issued': ({ index, time, event: { data } }) => {
      const { releaseId: id, packageId } = data;
      // A catalogue that somebody changed by hand may lack the row; the delivery then finds the difference.
      const manifest = JSON.parse((packageRow.get(packageId) as string | undefined) ?? '{"files":[]}') as Manifest;
      const { part = '', revision = '', operation = '', machineGroup = '' } = manifest as Partial<Manifest>;
      const signatures = JSON.stringify(data.signatures);
      issue.run({
        id,
        packageId,
        part,
        revision,
        operation,
        machineGroup,
        digest: data.manifestDigest,
        signatures,
        idx: index,
        time,
      });
      for (const [at, file] of manifest.files.entries())
        addFile.run(id, at, file.name, file.role, file.digest, file.size);
      released.run({ packageId, releaseId: id });
    },
    'release.superseded': ({ index, event: { data } }) => {
      supersede.run({ id: data.releaseId, by: data.by, idx: index });
    },
    'release.withdrawn': ({ index, event: { data } }) => {
      withdraw.run({ id: data.releaseId, reason: data.reason, idx: index });
      packageWithdrawn.run({ id: data.releaseId, reason: data.reason });
    },
  };
}
