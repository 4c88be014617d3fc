import { principalName } from '../../domain/people.ts';
import type { Sqlite } from '../../platform/sqlite.ts';
import type { ApplyTable } from './table.ts';

type PackageEvents =
  | 'package.submitted'
  | 'package.withdrawn'
  | 'package.replaced'
  | 'approval.given'
  | 'approval.refused'
  | 'approval.rejected';

export function applyPackages(db: Sqlite): ApplyTable<PackageEvents> {
  const submit = db.prepare(
    `INSERT INTO packages (id, deposit_id, part, revision, operation, machine_group, author, state, manifest, manifest_digest, first_article, due, change_order, idx, time)
     VALUES (@id, @depositId, @part, @revision, @operation, @machineGroup, @author, 'submitted', @manifest, @digest, @firstArticle, @due, @changeOrder, @idx, @time)`,
  );
  const addFile = db.prepare(
    'INSERT INTO package_files (package_id, position, name, number, digest) VALUES (?, ?, ?, ?, ?)',
  );
  const isOf = db.prepare('UPDATE deposits SET person = coalesce(person, @author) WHERE id = @depositId');
  const end = db.prepare('UPDATE packages SET state = @state, reason = @reason WHERE id = @id');
  const replace = db.prepare(
    "UPDATE packages SET state = 'replaced', reason = @reason, replaced_by = @by WHERE id = @id",
  );
  const replaces = db.prepare('UPDATE packages SET replaces = @id WHERE id = @by');
  const approval = db.prepare(
    `INSERT INTO approvals (idx, package_id, person, role, verdict, detail, first_article, time)
     VALUES (@idx, @packageId, @person, @role, @verdict, @detail, @firstArticle, @time)`,
  );
  const refusal = db.prepare(
    'INSERT INTO refusals (idx, subject, about, code, message, time) VALUES (@idx, @subject, @about, @code, @message, @time)',
  );
  return {
    'package.submitted': ({ index, time, event: { data } }) => {
      const { part, revision, operation, machineGroup, author, changeOrder, due = null } = data.manifest;
      const { packageId: id, depositId, manifestDigest: digest } = data;
      const manifest = JSON.stringify(data.manifest);
      submit.run({
        id,
        depositId,
        part,
        revision,
        operation,
        machineGroup,
        author,
        manifest,
        digest,
        firstArticle: data.firstArticle ? JSON.stringify(data.firstArticle) : null,
        due,
        changeOrder,
        idx: index,
        time,
      });
      isOf.run({ depositId, author });
      for (const [at, file] of data.manifest.files.entries())
        addFile.run(id, at, file.name, file.programNumber ?? null, file.digest);
    },
    'package.withdrawn': ({ event: { data } }) => {
      end.run({ id: data.packageId, state: 'withdrawn', reason: data.reason });
    },
    'package.replaced': ({ event: { data } }) => {
      const { packageId: id, by, reason } = data;
      replace.run({ id, by, reason });
      replaces.run({ id, by });
    },
    'approval.given': ({ index, time, event: { data } }) => {
      const { packageId, person, role, routeVersion: detail } = data;
      const firstArticle = data.firstArticle ? JSON.stringify(data.firstArticle) : null;
      approval.run({ idx: index, packageId, person, role, verdict: 'approve', detail, firstArticle, time });
    },
    'approval.refused': ({ index, time, event: { data } }) => {
      const { packageId, person, role, reason } = data;
      approval.run({
        idx: index,
        packageId,
        person,
        role,
        verdict: 'refuse',
        detail: reason,
        firstArticle: null,
        time,
      });
      end.run({ id: packageId, state: 'refused', reason });
    },
    'approval.rejected': ({ index, time, event: { data, actor } }) => {
      refusal.run({
        idx: index,
        subject: principalName(actor),
        about: data.packageId,
        code: data.code,
        message: data.message,
        time,
      });
    },
  };
}
