import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

export function applyResidue(db: Sqlite): ApplyTable<'release.recalled' | 'residue.cleared'> {
  const open = db.prepare(
    `INSERT INTO residue (release_id, machine_id, file, idx, time) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (release_id, machine_id, file) DO UPDATE SET cleared_by = NULL, cleared_idx = NULL, cleared_time = NULL`,
  );
  const clear = db.prepare(
    `UPDATE residue SET cleared_by = ?, cleared_idx = ?, cleared_time = ?
     WHERE release_id = ? AND machine_id = ? AND file = ? AND cleared_idx IS NULL`,
  );
  return {
    'release.recalled': ({ index, time, event: { data } }) => {
      for (const { machineId, files } of data.holders)
        for (const file of files) open.run(data.releaseId, machineId, file, index, time);
    },
    'residue.cleared': ({ index, time, event: { data } }) => {
      const { releaseId, machineId, proof } = data;
      const by = proof.kind === 'statement' ? `statement of ${proof.person}` : proof.kind;
      for (const file of data.files) clear.run(by, index, time, releaseId, machineId, file);
    },
  };
}
