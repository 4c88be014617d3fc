import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ControlNeeds } from '../../src/domain/control-form.ts';
import type { GroupId, PersonId, ReleaseId } from '../../src/domain/ids.ts';
import { changeSize, type FileRole, Manifest, onControl } from '../../src/domain/manifest.ts';
import { MachineProfile } from '../../src/nc/profile/profile.ts';
import type { Authority } from '../../src/services/authority.ts';
import { withControlForms } from '../../src/services/control-forms.ts';
import { ShelfTree } from '../../src/services/shelf.ts';
import { verifyArtefacts } from '../../src/signing/artefacts.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

let place: ReturnType<typeof temporaryFolder>;
let vault: BlobStore;
beforeEach(() => {
  place = temporaryFolder();
  vault = new BlobStore(place.folder);
});
afterEach(() => place.remove());

const profile = (delivery: Partial<ControlNeeds>) =>
  MachineProfile.parse({
    ...{ name: 'old-fanuc', groups: ['MILL'], control: 'FANUC 6M', dialect: 'iso', flavour: 'fanuc', kind: 'mill' },
    ...{ unit: 'inch', unitAtStart: 'inch', delivery },
  });
const byNumber = profile({ lineEnds: 'lf-cr-cr', names: { style: 'program-number', extension: '', longest: 5 } });

/** Programs as `name: text`, and a setup sheet. */
async function deposited(programs: Record<string, string>): Promise<Manifest> {
  const texts = Object.entries({ ...programs, 'Setup.txt': 'Vise' });
  const files = [];
  for (const [at, [name, text]] of texts.entries()) {
    const role: FileRole = name === 'Setup.txt' ? 'setup-sheet' : at === 0 ? 'main-program' : 'subprogram';
    files.push({ name, role, ...(await vault.putBytes(Buffer.from(text))) });
  }
  return Manifest.parse({
    ...{ v: 1, part: 'BRKT', revision: 'A', operation: '10', machineGroup: 'MILL' as GroupId, files },
    ...{ changeOrder: 'ECO-1', author: 'CAM-1' as PersonId, classification: { jurisdiction: 'none' } },
  });
}
const facts = (numbers: Record<string, string>) =>
  Object.entries(numbers).map(([file, programNumber]) => ({
    ...{ file, programNumber, dialect: 'iso' as const, lines: 1, tools: [], calls: [], units: 'inch' as const },
  }));
const numbers = facts({ 'Main.nc': 'O4471', 'Sub.nc': 'O4472' });

describe('what a control gets of a package', () => {
  it('stands in the manifest beside what was deposited, with its own digest', async () => {
    const before = await deposited({ 'Main.nc': 'O4471\nM30\n', 'Sub.nc': 'O4472\nM99\n' });
    const manifest = await withControlForms(before, { facts: numbers, profile: byNumber, vault });
    expect(manifest.files.map(({ name }) => name)).toEqual([
      ...['Main.nc', 'Sub.nc', 'Setup.txt', 'Main.nc.to-control', 'Sub.nc.to-control'],
    ]);
    expect(onControl(manifest.files).map(({ as }) => as)).toEqual(['O4471', 'O4472']);
    const sent = onControl(manifest.files)[0]?.file;
    expect(sent && (await vault.readQuarantined(sent.digest, 100)).toString()).toBe('O4471\n\r\rM30\n\r\r');
    expect(manifest.files.slice(0, 3).map(({ digest }) => digest)).toEqual(before.files.map(({ digest }) => digest));
  });

  it('is what was deposited where there is no profile, or one that asks for nothing', async () => {
    const before = await deposited({ 'Main.nc': 'O4471\nM30\n' });
    for (const nothing of [undefined, profile({})]) {
      const manifest = await withControlForms(before, { facts: numbers, profile: nothing, vault });
      expect(manifest.files).toHaveLength(2);
      expect(onControl(manifest.files).map(({ as }) => as)).toEqual(['Main.nc']);
    }
  });

  it('is refused where two programs would have one name on the control', async () => {
    const before = await deposited({ 'bracket-op10.nc': 'M30\n', 'bracket-op20.nc': 'M30\n' });
    const short = profile({ names: { style: 'eight-three', extension: '', longest: 12 } });
    await expect(withControlForms(before, { facts: [], profile: short, vault })).rejects.toThrow(
      expect.objectContaining({
        code: 'shelf-name-taken',
        message: expect.stringMatching(/both be called BRACKET-\.NC/),
      }),
    );
  });

  it('is another program for the approval route when only its form changes', async () => {
    const before = await deposited({ 'Main.nc': 'O4471\nM30\n' });
    const released = await withControlForms(before, { facts: numbers, profile: profile({}), vault });
    const now = await withControlForms(before, { facts: numbers, profile: profile({ lineEnds: 'crlf' }), vault });
    expect(changeSize(released, released)).toBe('documents');
    expect(changeSize(now, released)).toBe('program');
  });

  it('is on the shelf under its own name and number, and each form is by part', async () => {
    const before = await deposited({ 'Main.nc': 'O4471\nM30\n', 'Sub.nc': 'O4472\nM99\n' });
    const manifest = await withControlForms(before, { facts: numbers, profile: byNumber, vault });
    const signatures = manifest.files.map(({ name, digest }) => ({ name, digest, size: 1 }));
    const release = {
      releaseId: 'REL-0000000001' as ReleaseId,
      manifest,
      signatures,
      time: '2027-01-15T12:00:00.000Z',
    };
    const standing = { changes: 1, releases: () => [release], machine: () => ({ machine: { groups: ['MILL'] } }) };
    const authority = {
      moment: 'now',
      breakGlass: () => [],
      decide: () => ({ verdict: 'permit' }),
    } as unknown as Authority;
    const shelf = new ShelfTree(standing as never, authority);
    const at = { machine: 'MILL-1', channel: 'sftp' } as never;
    const names = (...path: string[]) => {
      const node = shelf.find(at, path);
      return node?.kind === 'folder' ? [...node.entries.keys()] : node?.name;
    };
    expect(names()).toEqual(['current', 'by-part', 'by-number']);
    expect(names('current')).toEqual(['O4471', 'O4472']);
    expect(names('current', 'O4471.p7s')).toBe('Main.nc.to-control.p7s');
    expect(names('by-number', 'O4472')).toEqual(['O4472']);
    expect(names('by-part', 'BRKT', 'A', '10')).toHaveLength(10);
  });
});

describe('the signer', () => {
  it('makes each form again and signs nothing that is not it', async () => {
    const before = await deposited({ 'Main.nc': 'O4471\nM30\n' });
    const manifest = await withControlForms(before, { facts: numbers, profile: byNumber, vault });
    for (const { digest } of manifest.files) vault.admit(digest);
    const artefacts = manifest.files.map((file) => ({ ...file, path: vault.path(file.digest) }));
    await expect(verifyArtefacts(artefacts)).resolves.toBeUndefined();

    const forged = await vault.putBytes(Buffer.from('O4471\n\r\rG0 X9.\n\r\rM30\n\r\r'));
    vault.admit(forged.digest);
    const differ = expect.objectContaining({ code: 'bytes-differ' });
    const asForged = { ...forged, path: vault.path(forged.digest) };
    await expect(
      verifyArtefacts(artefacts.map((file) => (file.made ? { ...file, ...asForged } : file))),
    ).rejects.toThrow(differ);

    const path = join(place.folder, 'other');
    writeFileSync(path, 'M30\n');
    await expect(verifyArtefacts(artefacts.map((file, at) => (at === 0 ? { ...file, path } : file)))).rejects.toThrow(
      differ,
    );
  });
});
