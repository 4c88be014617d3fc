import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';
import { type Issued, OpensslPki } from '../helpers/openssl-pki.ts';
import { rewriteTrust } from '../helpers/test-keys.ts';
import { TestTsa } from '../helpers/tsa.ts';

const verifier = new URL('../../src/cli/keyway-verify.ts', import.meta.url).pathname;
const hostile = `<script>alert(1)</script> "O'Brien" \u4e2d`;
let floor: Floor;
let folder: string;
let pki: OpensslPki;
let tsa: TestTsa;

/** A gateway whose first checkpoint a timestamping authority has seen. */
async function stampedFloor(url: string, { certificate }: Issued): Promise<Floor> {
  const opened = new Floor();
  writeFileSync(opened.stage.configFile, 'data: data\n');
  await opened.done('init');
  rewriteTrust(opened.data(), (root) => {
    const trusted = { name: 'Test TSA', certificate: readFileSync(certificate, 'utf8'), from: root.created };
    root.timestampAuthorities = [trusted];
  });
  opened.served = await opened.stage.start(`ledger: { timestamps: { url: "${url}" } }\n`);
  await until('a timestamp', async () => {
    const { stamped } = await opened.stage.client().ledger();
    return stamped?.at;
  });
  return opened;
}

const inFolder = (...path: string[]) => join(folder, ...path);
const unpack = (zip: string, to: string) => {
  execFileSync('unzip', ['-q', zip, '-d', inFolder(to)]);
  return inFolder(to);
};
const verify = (pack: string) => {
  const { status, stdout } = spawnSync(process.execPath, [verifier, pack, floor.data('trust.json')], {
    encoding: 'utf8',
  });
  return { status, says: stdout.trim() };
};
const filesOf = (pack: string) =>
  readdirSync(pack, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Its folder, or itself at the top of the pack. */
const kindOf = (file: string) => file.slice(inFolder('a').length + 1).replace(/\/.*(?=\.)/, '/');

describe.skipIf(!onPath('unzip') || !onPath('pdftotext'))(
  'from a serial number to a pack that an auditor checks',
  () => {
    let release: string;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'keyway-evidence-'));
      pki = new OpensslPki();
      const root = pki.issue('TSA root', { usage: 'authority' });
      tsa = new TestTsa(pki, pki.issue('TSA', { usage: 'stamper', issuer: root }));
      floor = await stampedFloor(await tsa.start(), root);
      await floor.crew();
      await floor.enrol('OP-11', 'operator');
      const sidecar = floor.sidecar('BRKT-4471', 'O4471.NC', { changeOrder: hostile });
      floor.drop('BRKT.keyway.json', sidecar, { 'O4471.NC': simpleProgram(4471) });
      release = (await floor.release(await floor.admitted('BRKT'))).releaseId ?? '';
      const machine = await floor.connect('HAAS-VF-07');
      await machine.pull('/current/O4471.NC');
      machine.close();
      const itar = { classification: { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' } };
      floor.drop('SECRET.keyway.json', floor.sidecar('SECRET-1', 'O4499.NC', itar), {
        'O4499.NC': simpleProgram(4499),
      });
      await floor.admitted('SECRET');
    });
    beforeEach(() => floor.covered());
    afterAll(async () => {
      await floor.close();
      await tsa.stop();
      pki.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const record = (serial: string, machine = 'HAAS-VF-07') => [
      'run',
      'record',
      '--release',
      release,
      '--machine',
      machine,
      '--work-order',
      '88120',
      '--serial',
      serial,
      '--operator',
      'OP-11',
    ];

    it('a run is recorded for a machine that got the release, and for no other', async () => {
      await floor.machine('HAAS-VF-08');
      expect(await floor.refused(...record('SN-0417K', 'HAAS-VF-08'))).toMatchObject({ code: 'not-delivered' });
      await floor.done(...record('SN-0417K'));
      await floor.done(...record('SN-0418K'));
      const { out } = await floor.done('run', 'list', '--serial', 'SN-0417K');
      expect(out).toMatchObject([{ releaseId: release, serials: ['SN-0417K'], operator: 'OP-11', superseded: false }]);
    });

    it('a serial leads to everything about the release that cut it, and every part of the pack verifies', async () => {
      await floor.done('evidence', 'export', '--serial', 'SN-0417K', '--out', inFolder('a.zip'));
      const pack = unpack(inFolder('a.zip'), 'a');
      expect(verify(pack)).toMatchObject({ status: 0, says: expect.stringContaining('VERIFIED') });
      const program = readFileSync(join(pack, 'artefacts', release, 'O4471.NC'), 'utf8');
      expect(program).toBe(simpleProgram(4471));
      const types = JSON.parse(readFileSync(join(pack, 'entries.json'), 'utf8')).entries.map(
        (e: { type: string }) => e.type,
      );
      for (const type of ['deposit.received', 'approval.given', 'release.issued', 'delivery.completed', 'run.recorded'])
        expect(types).toContain(type);
      for (const type of ['person.enrolled', 'machine.registered', 'gateway.configured']) expect(types).toContain(type);
    });

    it('the commands of VERIFY.md run as they stand, with openssl and coreutils alone', () => {
      const pack = inFolder('a');
      const blocks = [...readFileSync(join(pack, 'VERIFY.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)];
      const script = blocks.map(([, block]) => block).join('\n');
      const indices = JSON.parse(readFileSync(join(pack, 'entries.json'), 'utf8')).entries.map(
        (e: { index: number }) => e.index,
      );
      for (const index of [indices[0], indices.at(-1)]) {
        const chosen = script.replace(/^entry=\d+$/m, `entry=${index}`);
        const ran = spawnSync('bash', ['-c', chosen], {
          cwd: pack,
          env: { ...process.env, TRUST: floor.data('trust.json') },
          encoding: 'utf8',
        });
        expect({
          status: ran.status,
          end: ran.stdout.trim().split('\n').at(-1),
          // `openssl ts` says which configuration it read.
          err: ran.stderr.replace(/.*CMS.*\n/, '').replace(/^Using configuration from .*\n/m, ''),
        }).toEqual({ status: 0, end: 'verified', err: '' });
      }
    });

    it('the ledger says by when an authority saw an entry, and a verification counts that', async () => {
      const { out: shown } = await floor.done('ledger', 'show', '0');
      expect(shown).toMatchObject({
        stamped: expect.stringMatching(/^timestamp 20.*Z over the first \d+ entries, by O=Test company, CN=TSA$/),
      });
      const { out: verified } = await floor.done('ledger', 'verify');
      expect(verified).toMatchObject({ verified: true, timestamps: [{ size: expect.any(Number) }] });
    });

    it('one flipped byte is refused, naming the file, in a file of each kind', () => {
      const kinds = new Map(filesOf(inFolder('a')).map((file) => [kindOf(file), file]));
      expect(kinds.size).toBeGreaterThanOrEqual(17);
      for (const file of kinds.values()) {
        const name = file.slice(inFolder('a').length + 1);
        const bytes = readFileSync(file);
        const flipped = Buffer.from(bytes);
        const at = Math.floor(flipped.length / 2);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        writeFileSync(file, flipped);
        const { status, says } = verify(inFolder('a'));
        writeFileSync(file, bytes);
        expect(status, name).not.toBe(0);
        if (name !== 'SHA256SUMS') expect(says).toContain(name);
      }
      expect(verify(inFolder('a')).status).toBe(0);
    });

    it('a forger who also mends SHA256SUMS is refused by proof, commitment or signature', () => {
      cpSync(inFolder('a'), inFolder('forged'), { recursive: true });
      const pack = inFolder('forged');
      const mend = () => {
        const sums = filesOf(pack)
          .map((file) => file.slice(pack.length + 1))
          .filter((name) => name !== 'SHA256SUMS')
          .sort();
        writeFileSync(join(pack, 'SHA256SUMS'), execFileSync('sha256sum', sums, { cwd: pack }));
      };
      const change = (name: string, edit: (text: string) => string) => {
        const original = readFileSync(join(pack, name), 'latin1');
        expect(edit(original)).not.toBe(original);
        writeFileSync(join(pack, name), edit(original), 'latin1');
        mend();
        const answer = verify(pack);
        writeFileSync(join(pack, name), original, 'latin1');
        mend();
        return answer;
      };
      const { entries } = JSON.parse(readFileSync(join(pack, 'entries.json'), 'utf8'));
      const run = entries.find((e: { type: string }) => e.type === 'run.recorded').index;
      expect(change(`bodies/${run}.json`, (text) => text.replace('SN-0417K', 'SN-0999K'))).toMatchObject({
        status: 11,
      });
      expect(change(`leaves/${run}.json`, (text) => text.replace(/"time":"2/, '"time":"1'))).toMatchObject({
        status: 11,
      });
      expect(change('checkpoint', (text) => text.replace(/\n(\d+)\n/, (_, n) => `\n${Number(n) + 1}\n`))).toMatchObject(
        { status: 10 },
      );
      expect(change('entries.json', (text) => text.replace('run.recorded', 'run.rewarded'))).toMatchObject({
        status: 11,
      });
      rmSync(join(pack, `proofs/${run}.tlog-proof`));
      mend();
      expect(verify(pack)).toMatchObject({ status: 13 });
    });

    it('the report says it all to people, and no text of an entry becomes markup', () => {
      const html = readFileSync(inFolder('a', 'report.html'), 'utf8');
      expect(html).not.toContain('<script');
      expect(html).toContain('&#60;script&#62;');
      expect(html).toMatch(/default-src 'none'; style-src 'sha256-/);
      const text = execFileSync('pdftotext', ['-layout', inFolder('a', 'report.pdf'), '-'], { encoding: 'utf8' });
      for (const said of [
        'serial SN-0417K',
        'BRKT-4471',
        'ME-2 approved as manufacturing-engineer',
        'SN-0418K',
        'not export controlled',
        'uncontrolled if printed',
      ])
        expect(text).toContain(said);
      // The font has no such character: its number stands there instead of nothing.
      expect(text).toContain('[U+4E2D]');
    });

    it('a redacted pack verifies and holds no name, part, file or serial anywhere', async () => {
      await floor.done('evidence', 'export', '--serial', 'SN-0417K', '--redact', '--out', inFolder('r.zip'));
      const pack = unpack(inFolder('r.zip'), 'r');
      expect(verify(pack)).toMatchObject({ status: 0, says: expect.stringContaining('(0 with content)') });
      expect(existsSync(join(pack, 'artefacts'))).toBe(false);
      const pdf = execFileSync('pdftotext', [join(pack, 'report.pdf'), '-'], { encoding: 'utf8' });
      const all =
        pdf +
        filesOf(pack)
          .map((file) => readFileSync(file, 'latin1'))
          .join('\n');
      for (const word of ['BRKT', 'O4471', 'ME-2', 'HAAS', 'SN-0417K', '88120', 'CAM-1', 'O&#39;Brien'])
        expect(all).not.toContain(word);
    });

    it('equal questions at an equal tree size are equal bytes, and each export is in the ledger', async () => {
      const before = (await floor.done('ledger', 'tail', '--count', '1')).out as {
        entries: { type: string; index: number }[];
      };
      expect(before.entries[0]?.type).toBe('evidence.exported');
      const shown = await floor.done('ledger', 'show', String(before.entries[0]?.index));
      const sums = execFileSync('sha256sum', [inFolder('r', 'SHA256SUMS')], { encoding: 'utf8' }).slice(0, 64);
      expect(shown.text).toContain(`sha256:${sums}`);
    });

    it('an older checkpoint that the asker holds is proven to be extended', async () => {
      cpSync(inFolder('a', 'checkpoint'), inFolder('older'));
      await floor.done(
        'evidence',
        'export',
        '--release',
        release,
        '--older',
        inFolder('older'),
        '--out',
        inFolder('o.zip'),
      );
      const pack = unpack(inFolder('o.zip'), 'o');
      expect(verify(pack).says).toMatch(/extends \d+ entries; timestamp to be checked over the first \d+$/);
      const proof = JSON.parse(readFileSync(join(pack, 'consistency.json'), 'utf8'));
      expect(proof.proof.length).toBeGreaterThan(0);
      writeFileSync(inFolder('forged-older'), readFileSync(inFolder('older'), 'utf8').replace(/\n(\d)/, '\n9'));
      const refused = [
        'evidence',
        'export',
        '--release',
        release,
        '--older',
        inFolder('forged-older'),
        '--out',
        inFolder('x.zip'),
      ];
      await floor.covered();
      expect(await floor.refused(...refused)).toMatchObject({ code: 'request-invalid' });
      expect(existsSync(inFolder('x.zip'))).toBe(false);
    });

    it('the difference that quality decided on is in the pack, under the digest that they signed', async () => {
      const sidecar = floor.sidecar('BRKT-4471', 'O4471.NC', { revision: 'B' });
      floor.drop('CHANGED.keyway.json', sidecar, { 'O4471.NC': simpleProgram(4471, 25) });
      const changed = (await floor.release(await floor.admitted('CHANGED'))).releaseId ?? '';
      await floor.covered();
      await floor.done('evidence', 'export', '--release', changed, '--out', inFolder('d.zip'));
      const pack = unpack(inFolder('d.zip'), 'd');
      expect(verify(pack)).toMatchObject({ status: 0 });
      const [name = ''] = readdirSync(join(pack, 'differences'));
      const bytes = readFileSync(join(pack, 'differences', name));
      expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({ v: 1, proposal: 'partial' });
      expect(bytes.toString('utf8')).toContain('Feeds or speeds changed in 1 block');
      const bodies = readdirSync(join(pack, 'bodies')).map((file) => readFileSync(join(pack, 'bodies', file), 'utf8'));
      const decided = bodies.filter((body) => body.includes('"first-article.decided"'));
      const digest = execFileSync('sha256sum', { input: bytes, encoding: 'utf8' }).slice(0, 64);
      expect(decided).toEqual([expect.stringContaining(`"draft":"sha256:${digest}"`)]);
    });

    it('what nobody knows and what the asker may not know are one answer', async () => {
      const unknown = await floor.refused('evidence', 'export', '--serial', '9999', '--out', inFolder('n.zip'));
      expect(unknown).toMatchObject({ code: 'not-found' });
      await floor.enrol('AUD-1', 'auditor');
      await floor.covered();
      const asAuditor = (...args: string[]) =>
        floor.refused(
          '--url',
          `https://localhost:${floor.served.https.port}`,
          '--ca',
          floor.data('keys', 'ca.crt.pem'),
          '--sign-with',
          floor.key('AUD-1'),
          ...args,
        );
      const hidden = await asAuditor('evidence', 'export', '--part', 'SECRET-1', '--out', inFolder('n.zip'));
      expect(hidden).toEqual(await asAuditor('evidence', 'export', '--part', 'NO-SUCH', '--out', inFolder('n.zip')));
    });
  },
);
