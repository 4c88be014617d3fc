import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Floor, sampleFolder, simpleProgram, until } from '../helpers/floor.ts';

let floor: Floor;
beforeAll(async () => {
  floor = await Floor.open();
  await floor.crew();
});
afterAll(() => floor.close());

describe('the main job', () => {
  it('goes from the drop folder over two approvals to the machine, and openssl and the ledger agree', async () => {
    floor.dropSample();
    const packageId = await floor.admitted('BRKT-4471-D-OP20');
    expect(readdirSync(floor.served.dropFolder).filter((name) => !name.startsWith('.'))).toEqual([]);
    const found = await floor.release(packageId);
    expect(found.state).toBe('released');

    const client = await floor.connect('HAAS-VF-07');
    expect(await client.list('/current')).toEqual(['O4471.NC', 'O4472.NC']);
    for (const { name } of found.manifest.files) {
      const got = await client.pull(`/by-part/BRKT-4471/D/20/${name}`);
      expect(got).toEqual(readFileSync(join(sampleFolder, name)));
      const signature = await client.pull(`/by-part/BRKT-4471/D/20/${name}.p7s`);
      const [file, p7s] = [join(floor.stage.folder, name), join(floor.stage.folder, `${name}.p7s`)];
      writeFileSync(file, got);
      writeFileSync(p7s, signature);
      const args = [
        'cms',
        '-verify',
        '-binary',
        '-inform',
        'DER',
        '-in',
        p7s,
        '-content',
        file,
        '-CAfile',
        floor.data('keys', 'ca.crt.pem'),
        '-out',
        '/dev/null',
      ];
      expect(spawnSync('openssl', args).status).toBe(0);
    }
    expect(Buffer.isBuffer(await client.pull('/current/O4471.NC.p7s'))).toBe(true);
    client.close();

    const detail = await until('the end of the deliveries', async () => {
      const seen = await floor.stage.client().package(packageId);
      return seen.deliveries.some(({ state }) => state === 'started') ? undefined : seen;
    });
    expect(detail.deliveries).toHaveLength(9);
    expect(detail.deliveries.every(({ state }) => state === 'completed')).toBe(true);
    expect((await floor.done('ledger', 'verify', '--catalogue')).out).toMatchObject({ verified: true });
  });

  it('leaves an unapproved revision off the shelf and the older one in force', async () => {
    floor.dropSample(join(sampleFolder, 'rev-e'));
    await floor.admitted('BRKT-4471-E-OP20');
    const client = await floor.connect('HAAS-VF-07');
    expect(await client.list('/by-part/BRKT-4471')).toEqual(['D']);
    expect(await client.pull('/current/O4471.NC')).toEqual(readFileSync(join(sampleFolder, 'O4471.NC')));
    client.close();
  });

  it('supersedes the older release when the newer one is approved', async () => {
    const packageId = await floor.admitted('BRKT-4471-E-OP20');
    const { content } = await floor.stage.client().packageDifference(packageId);
    expect(JSON.parse(await textOf(content))).toMatchObject({ onlyAfter: [] });
    const undecided = ['approve', packageId, '--as', 'QA-1', '--key', floor.key('QA-1')];
    expect(await floor.refused(...undecided)).toMatchObject({ code: 'first-article-undecided' });
    await floor.release(packageId);
    const client = await floor.connect('HAAS-VF-07');
    expect(await client.list('/by-part/BRKT-4471')).toEqual(['E']);
    expect(await client.pull('/current/O4471.NC')).toEqual(readFileSync(join(sampleFolder, 'rev-e', 'O4471.NC')));
    client.close();
  });
});

describe('a finding that keeps a job in quarantine', () => {
  it('is waived by a person of the named role, with their own key, and the approvers see it', async () => {
    const program = simpleProgram(61).replace('N30', 'N25 M98 P8100\nN30');
    floor.drop('CALLS.keyway.json', floor.sidecar('CALLS-1', 'O61.NC'), { 'O61.NC': program });
    const { depositId } = await floor.disposed('CALLS');
    const waive = ['waive', depositId, '--finding', 'call-outside-package', '--reason', 'It stays in the control.'];
    const signed = ['--as', 'ME-2', '--key', floor.key('ME-2')];
    expect(await floor.refused(...waive, '--line', '4', ...signed)).toMatchObject({ exit: 2 });
    const { out } = await floor.done(...waive, '--line', '5', ...signed);
    const { packageId } = out as { packageId: string };
    const { text } = await floor.stage.keyway('status', packageId);
    expect(text).toContain('It stays in the control.');
    await floor.done('withdraw', packageId, '--reason', 'Only a story.');
  });
});

describe('an approval is refused', () => {
  let packageId: string;
  beforeAll(async () => {
    floor.drop('PLATE-1.keyway.json', floor.sidecar('PLATE-1', 'O0100.NC'), { 'O0100.NC': simpleProgram(100) });
    packageId = await floor.admitted('PLATE-1');
  });

  it('when the author gives it, and the refusal is on record', async () => {
    const refusal = await floor.refused(
      'approve',
      packageId,
      '--as',
      'CAM-1',
      '--key',
      floor.key('CAM-1'),
      '--role',
      'quality',
    );
    expect(refusal).toMatchObject({ exit: 1, code: 'author-may-not-approve' });
  });
  it('when one person gives it twice', async () => {
    await floor.approve(packageId, 'ME-2');
    expect(
      await floor.refused(
        'approve',
        packageId,
        '--as',
        'ME-2',
        '--key',
        floor.key('ME-2'),
        '--role',
        'manufacturing-engineer',
      ),
    ).toMatchObject({ code: 'already-counted' });
  });
  it('when it is given in a role that the person does not hold', async () => {
    expect(
      await floor.refused('approve', packageId, '--as', 'ME-2', '--key', floor.key('ME-2'), '--role', 'quality'),
    ).toMatchObject({ code: 'role-not-held' });
  });
  it('when it is signed by a key of somebody else', async () => {
    expect(await floor.refused('approve', packageId, '--as', 'QA-1', '--key', floor.key('ME-2'))).toMatchObject({
      code: 'statement-mismatch',
    });
  });
  it("when the reader's own file is not one of the package", async () => {
    const file = join(floor.stage.folder, 'other.nc');
    writeFileSync(file, simpleProgram(100, 21));
    expect(
      await floor.refused('approve', packageId, '--as', 'QA-1', '--key', floor.key('QA-1'), '--file', file),
    ).toMatchObject({ code: 'digest-mismatch' });
  });
  it('after somebody refused the package', async () => {
    await floor.done(
      'refuse',
      packageId,
      '--as',
      'QA-1',
      '--key',
      floor.key('QA-1'),
      '--reason',
      "Z depth is not the drawing's",
    );
    expect(
      await floor.refused(
        'approve',
        packageId,
        '--as',
        'ME-2',
        '--key',
        floor.key('ME-2'),
        '--role',
        'manufacturing-engineer',
      ),
    ).toMatchObject({ code: 'state-forbids' });
  });
});

describe('a person elsewhere', () => {
  it('approves over TLS with requests that their own key signs, and a stranger sees nothing', async () => {
    floor.drop('FAR-1.keyway.json', floor.sidecar('FAR-1', 'O0500.NC'), { 'O0500.NC': simpleProgram(500) });
    const packageId = await floor.admitted('FAR-1');
    const { host, port } = floor.served.https;
    const there = ['--url', `https://${host}:${port}`, '--ca', floor.data('keys', 'ca.crt.pem')];
    const approval = ['approve', packageId, '--as', 'QA-1', '--key', floor.key('QA-1'), '--role', 'quality'];
    expect((await floor.done(...there, ...approval)).out).toMatchObject({ decision: 'approve' });
    expect(await floor.refused(...there, 'status')).toMatchObject({ code: 'unauthenticated' });
    const asEngineer = [...there, '--sign-with', floor.key('ME-2')];
    expect(
      await floor.refused(
        ...asEngineer,
        ...approval.slice(0, 2),
        '--as',
        'QA-1',
        '--key',
        floor.key('ME-2'),
        '--role',
        'quality',
      ),
    ).toMatchObject({ code: 'statement-mismatch' });
    expect(await floor.refused(...asEngineer, 'person', 'list')).toMatchObject({ code: 'policy-denied' });
  });
});

describe('the drop folder keeps back, with the field and a note beside the file', () => {
  const note = (name: string) =>
    until(`${name}.rejected.txt`, async () => {
      const file = join(floor.served.dropFolder, `${name}.rejected.txt`);
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    });

  it.each<[string, object, string, string]>([
    ['no classification', { classification: undefined }, 'classification-missing', 'classification'],
    ['a classification to be determined', { classification: 'TBD' }, 'classification-missing', 'classification'],
    [
      'an ECCN with a look-alike letter',
      { classification: { jurisdiction: 'EAR', eccn: 'E\u0410R99' } },
      'sidecar-invalid',
      'classification.eccn',
    ],
    [
      "a digest that is not the file's",
      { files: [{ name: 'BAD.NC', role: 'main-program', sha256: '0'.repeat(64) }] },
      'digest-mismatch',
      'files[0].sha256',
    ],
    ['an unknown author', { author: 'NOBODY' }, 'author-unknown', 'author'],
    ['a machine group that no machine is in', { machineGroup: 'LATHE' }, 'group-unknown', 'machineGroup'],
    [
      'a file that is not there',
      { files: [{ name: 'GONE.NC', role: 'main-program' }] },
      'file-missing',
      'files[0].name',
    ],
  ])('a deposit with %s', async (what, over, code, field) => {
    const name = `BAD-${what.replace(/[^a-z]+/gi, '-')}`;
    floor.drop(`${name}.keyway.json`, floor.sidecar(name.slice(0, 40), 'BAD.NC', over), {
      'BAD.NC': simpleProgram(66),
    });
    const deposit = await floor.disposed(name);
    expect(deposit.reasons).toContainEqual(expect.objectContaining({ code, field }));
    const text = await note(name);
    expect(text).toContain(code);
    expect(text).toContain(field);
    for (const file of readdirSync(floor.served.dropFolder)) {
      if (!file.startsWith('.')) rmSync(join(floor.served.dropFolder, file), { force: true });
    }
  });

  it('a program without a sidecar', async () => {
    writeFileSync(join(floor.served.dropFolder, 'ALONE.NC'), simpleProgram(67));
    expect(await note('ALONE.NC')).toContain('sidecar-missing');
  });
});

describe('a row edited by hand', () => {
  it('delivers nothing, and what was right is delivered again after a rebuild', async () => {
    floor.drop('EDIT-1.keyway.json', floor.sidecar('EDIT-1', 'O0200.NC'), { 'O0200.NC': simpleProgram(200) });
    const released = await floor.release(await floor.admitted('EDIT-1'));
    floor.drop('EDIT-2.keyway.json', floor.sidecar('EDIT-2', 'O0201.NC'), { 'O0201.NC': simpleProgram(201) });
    const open = await floor.stage.client().package(await floor.admitted('EDIT-2'));

    const db = new Database(floor.data('catalog.db'));
    db.prepare('UPDATE release_files SET digest = ? WHERE release_id = ?').run(
      open.manifest.files[0]?.digest,
      released.releaseId,
    );
    db.prepare(`UPDATE packages SET state = 'released', release_id = 'REL-0000000000' WHERE id = ?`).run(
      open.packageId,
    );
    db.close();
    const client = await floor.connect('HAAS-VF-07');
    expect(await client.pull('/current/O0200.NC')).toContain('catalogue-differs');
    expect(await client.list('/current')).not.toContain('O0201.NC');
    expect(await client.pull('/current/O0201.NC')).toMatch(/no such file/i);

    expect((await floor.stage.keyway('ledger', 'verify', '--catalogue')).code).toBe(4);
    expect((await floor.done('ledger', 'rebuild')).out).toMatchObject({ differing: ['packages', 'release_files'] });
    expect(await client.pull('/current/O0200.NC')).toEqual(Buffer.from(simpleProgram(200)));
    client.close();
  });

  it('and a changed byte in the vault delivers nothing either', async () => {
    const found = (await floor.stage.client().packages()).find(({ part }) => part === 'EDIT-1');
    const detail = await floor.stage.client().package(found?.packageId ?? '');
    const hex = detail.manifest.files[0]?.digest.slice(7) ?? '';
    const blob = readdirSync(floor.data('vault', 'blobs'), { recursive: true, encoding: 'utf8' }).find((name) =>
      name.includes(hex.slice(4)),
    );
    const path = floor.data('vault', 'blobs', blob ?? '');
    const { chmodSync } = await import('node:fs');
    chmodSync(path, 0o600);
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.from(bytes.toString().replace('F20.', 'F99.')));
    for (const pid of floor.served.pids.sftp) process.kill(pid, 'SIGKILL');
    const client = await until('the door to come back', () => floor.connect('HAAS-VF-07').catch(() => undefined));
    expect(typeof (await client.pull('/current/O0200.NC'))).toBe('string');
    client.close();
  });
});

describe('withdrawing', () => {
  it('takes a release off the shelf at once, also under an open connection', async () => {
    floor.drop('GONE-1.keyway.json', floor.sidecar('GONE-1', 'O0300.NC'), { 'O0300.NC': simpleProgram(300) });
    const released = await floor.release(await floor.admitted('GONE-1'));
    const client = await floor.connect('HAAS-VF-07');
    expect(Buffer.isBuffer(await client.pull('/current/O0300.NC'))).toBe(true);
    await floor.done('withdraw', released.releaseId ?? '', '--reason', 'NCR 1: bore oversize');
    expect(await client.pull('/current/O0300.NC')).toMatch(/no such file/i);
    client.close();
  });
});

describe('a machine', () => {
  it('sees only its own group, and nothing that its country or jurisdictions forbid', async () => {
    await floor.enrol('EXP-1', 'export-compliance');
    await floor.machine('OKUMA-01', { groups: ['OKUMA'] });
    await floor.machine('HAAS-CA', { country: 'CA' });
    floor.drop(
      'SECRET-1.keyway.json',
      floor.sidecar('SECRET-1', 'O0400.NC', { classification: { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' } }),
      { 'O0400.NC': simpleProgram(400) },
    );
    const packageId = await floor.admitted('SECRET-1');
    await floor.approve(packageId, 'ME-2', '--role', 'manufacturing-engineer');
    await floor.approve(packageId, 'QA-1', '--role', 'quality');
    await floor.approve(packageId, 'EXP-1');
    const sees = async (machine: string) => {
      const client = await floor.connect(machine);
      const names = await client.list('/current');
      client.close();
      return names;
    };
    expect(await sees('HAAS-VF-07')).toContain('O0400.NC');
    expect(await sees('HAAS-CA')).not.toContain('O0400.NC');
    expect(await sees('OKUMA-01')).toEqual([]);
  });
});

describe('a machine of two groups', () => {
  it('is never offered two programs under one name', async () => {
    await floor.machine('DUO-1', { groups: ['HAAS-VF', 'DMG'] });
    floor.drop('DUO-A.keyway.json', floor.sidecar('DUO-A', 'O0600.NC'), { 'O0600.NC': simpleProgram(600) });
    await floor.release(await floor.admitted('DUO-A'));
    floor.drop('DUO-B.keyway.json', floor.sidecar('DUO-B', 'O0600.NC', { machineGroup: 'DMG' }), {
      'O0600.NC': simpleProgram(600, 33),
    });
    const deposit = await floor.disposed('DUO-B');
    expect(deposit.reasons).toMatchObject([{ code: 'shelf-name-taken', field: 'files[0].name' }]);
  });

  it('that joined the second group later is offered neither', async () => {
    await floor.machine('SOLO-1', { groups: ['SOLO-A'] });
    await floor.machine('SOLO-2', { groups: ['SOLO-B'] });
    for (const group of ['SOLO-A', 'SOLO-B']) {
      const feed = group === 'SOLO-A' ? 20 : 30;
      floor.drop(`${group}.keyway.json`, floor.sidecar(group, 'O0700.NC', { machineGroup: group }), {
        'O0700.NC': simpleProgram(700, feed),
      });
      await floor.release(await floor.admitted(group));
    }
    await floor.machine('SOLO-12', { groups: ['SOLO-A', 'SOLO-B'] });
    const sees = async (machine: string) => {
      const client = await floor.connect(machine);
      const names = await client.list('/current');
      client.close();
      return names;
    };
    expect(await sees('SOLO-1')).toEqual(['O0700.NC']);
    expect(await sees('SOLO-12')).toEqual([]);
  });
});
