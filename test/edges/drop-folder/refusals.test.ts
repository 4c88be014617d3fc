import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileName, ShortText, Text } from '../../../src/domain/text.ts';
import { FolderStory, orphanMs, settleMs, sidecarText } from './folder-story.ts';

let story: FolderStory;
beforeEach(() => {
  story = new FolderStory();
});
afterEach(() => {
  for (const taken of story.intake.taken) {
    expect(ShortText.safeParse(taken.name).success).toBe(true);
    for (const name of Object.keys(taken.files)) expect(FileName.safeParse(name).success).toBe(true);
    for (const { message } of taken.problems) expect(Text.safeParse(message).success).toBe(true);
  }
  story.end();
});

const sidecar = (...names: string[]) => ({ '4471.keyway.json': sidecarText(names) });
/** Long enough for anything to be judged, often enough to see that nothing is asked twice. */
const wait = () => story.scanAfter(0, settleMs, orphanMs, settleMs, orphanMs);

describe('a job with something missing', () => {
  it('is refused after the orphan time, its present files going to quarantine and then back', async () => {
    story.write({ ...sidecar('a.nc', 'b.nc', 'c.nc'), 'a.nc': 'A', 'c.nc': '' });
    await story.scanAfter(0, settleMs, orphanMs - settleMs - 1);
    expect(story.intake.calls).toBe(0);
    await story.scanAfter(1);
    expect(story.codes()).toEqual(['file-missing files[1].name', 'file-empty files[2].name']);
    expect(story.intake.taken[0]).toMatchObject({ name: '4471', files: { 'a.nc': 'A', 'c.nc': '' } });
    expect(story.names()).toEqual(['4471.keyway.json', '4471.rejected.txt', 'a.nc', 'c.nc']);
    expect(story.text('4471.rejected.txt')).toContain('b.nc is listed');

    await wait();
    expect(story.intake.calls).toBe(1);
    story.write({ 'b.nc': 'B', 'c.nc': 'C' });
    await story.settle();
    expect(story.intake.taken[1]).toMatchObject({ problems: [], files: { 'a.nc': 'A', 'b.nc': 'B', 'c.nc': 'C' } });
    expect(story.names()).toEqual([]);
  });

  it('counts the orphan time from its newest change', async () => {
    story.write(sidecar('a.nc', 'b.nc'));
    await story.scanAfter(0, orphanMs - 1);
    story.write({ 'a.nc': 'A' });
    await story.scanAfter(0, orphanMs - 1);
    expect(story.intake.calls).toBe(0);
    await story.scanAfter(1);
    expect(story.codes()).toEqual(['file-missing files[1].name']);
  });
});

describe('a sidecar that is wrong', () => {
  it('is refused with every mistake, together with the files that it names', async () => {
    story.write({
      '4471.keyway.json': sidecarText(['a.nc', 'b.nc'], { part: '', author: undefined }),
      'a.nc': 'A',
      'b.nc': 'B',
    });
    await story.settle();
    expect(story.codes()).toEqual(['sidecar-invalid part', 'sidecar-invalid author']);
    expect(story.intake.taken[0]).toMatchObject({
      files: { 'a.nc': 'A', 'b.nc': 'B' },
      sidecar: { parsed: undefined },
    });
    expect(story.text('4471.rejected.txt')).toContain('sidecar-invalid (author)');
    await wait();
    expect(story.intake.calls).toBe(1);
  });

  it('without a classification keeps the job in quarantine', async () => {
    story.write({ '4471.keyway.yaml': 'part: "1"\nclassification: TBD\nfiles:\n  - name: a.nc\n', 'a.nc': 'A' });
    await story.settle();
    expect(story.codes()).toContain('classification-missing classification');
    expect(story.text('4471.rejected.txt')).toContain('Have the job classified');
  });

  it('that cannot be read at all leaves its files alone at first', async () => {
    story.write({ '4471.keyway.yaml': 'files: [a.nc', 'a.nc': 'A' });
    await story.settle();
    expect(story.codes()).toEqual(['sidecar-invalid']);
    expect(story.intake.taken[0]?.files).toEqual({});
    expect(story.names()).toEqual(['4471.keyway.yaml', '4471.rejected.txt', 'a.nc']);
  });

  it('that is too long is kept as a file like any other', async () => {
    const long = `# ${'x'.repeat(70_000)}`;
    story.write({ '4471.keyway.yaml': long });
    await story.settle();
    expect(story.codes()).toEqual(['sidecar-invalid']);
    expect(story.intake.taken[0]).toMatchObject({ sidecar: undefined, files: { '4471.keyway.yaml': long } });
    expect(story.text('4471.keyway.yaml')).toBe(long);
  });

  it('that is empty is taken for half written until the orphan time', async () => {
    story.write({ '4471.keyway.yaml': '' });
    await story.scanAfter(0, settleMs, orphanMs - settleMs - 1);
    expect(story.intake.calls).toBe(0);
    await story.scanAfter(1);
    expect(story.codes()).toEqual(['sidecar-invalid']);
  });

  it('that names a file outside the folder reaches nothing there', async () => {
    story.write({ ...sidecar('../passwd', 'a.nc'), 'a.nc': 'A' });
    await story.settle();
    expect(story.codes()).toEqual(['sidecar-invalid files[0].name']);
    expect(story.intake.taken[0]?.files).toEqual({ 'a.nc': 'A' });
  });

  it('that the gateway may not read says so', async () => {
    const { folderFiles } = await import('../../../src/edges/drop-folder/files.ts');
    const open = (path: string | Buffer) =>
      String(path).endsWith('4471.keyway.json')
        ? Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
        : folderFiles.open(path);
    story.watcher({ files: { ...folderFiles, open } });
    story.write({ ...sidecar('a.nc'), 'a.nc': 'A' });
    await story.settle();
    expect(story.codes()).toEqual(['sidecar-invalid']);
    expect(story.text('4471.rejected.txt')).toContain('EACCES');
  });
});

describe('a file that no sidecar lists', () => {
  it('is refused after the orphan time, saying which sidecar it needs', async () => {
    story.write({ 'O4471.nc': 'A' });
    await story.scanAfter(0, orphanMs - 1);
    expect(story.intake.calls).toBe(0);
    await story.scanAfter(1);
    expect(story.codes()).toEqual(['sidecar-missing']);
    expect(story.intake.taken[0]).toMatchObject({ name: 'O4471.nc', sidecar: undefined, files: { 'O4471.nc': 'A' } });
    expect(story.text('O4471.nc.rejected.txt')).toContain('O4471.keyway.yaml');
    expect(story.text('O4471.nc')).toBe('A');
    await wait();
    expect(story.intake.calls).toBe(1);
  });

  it('is taken when its sidecar comes, even while that one is being written, and its note goes', async () => {
    story.write({ 'a.nc': 'A' });
    await story.scanAfter(0, orphanMs - 1);
    story.write(sidecar('a.nc'));
    await story.scanAfter(1, settleMs);
    expect(story.intake.taken).toMatchObject([{ problems: [], name: '4471' }]);

    story.write({ 'b.nc': 'B' });
    await story.scanAfter(0, orphanMs);
    expect(story.names()).toEqual(['b.nc', 'b.nc.rejected.txt']);
    story.write(sidecar('b.nc'));
    await story.settle();
    expect(story.names()).toEqual([]);
  });

  it('is not taken for an orphan while a sidecar of its own name does not list it', async () => {
    story.write({ 'O1.nc': 'A', 'O1.nc.keyway.json': sidecarText(['absent.nc']) });
    await wait();
    expect(story.intake.taken.map(({ name }) => name)).toEqual(['O1.nc']);
    expect(story.codes()).toEqual(['file-missing files[0].name']);
  });
});

describe('a name that cannot be used', () => {
  it.each([
    ['a colon', 'O1:2.nc'],
    ['a line break', 'O1\n2.nc'],
    ['a dot at the end', 'O12.'],
    ['a decomposed letter', 'Gro\u0308\u00dfe.nc'],
    ['a bidirectional override', 'O1\u202ecn.nc'],
    ['too many bytes', `${'x'.repeat(200)}.nc`],
    ['a sidecar whose job name ends with a space', 'O12 .keyway.yaml'],
  ])('%s is refused under a display name, once', async (_what, name) => {
    story.write({ [name]: 'A' });
    await wait();
    expect(story.codes()).toEqual(['request-invalid name']);
    expect(story.intake.calls).toBe(1);
    const [display] = Object.keys(story.intake.taken[0]?.files ?? {});
    expect(display).toMatch(/^[A-Za-z0-9._+-]+~[0-9a-f]{8}$/);
    expect(story.names()).toEqual([name, `${display}.rejected.txt`].sort());
    expect(fs.readFileSync(story.path(name), 'utf8')).toBe('A');
  });

  it('bytes that are not UTF-8 are refused too, and two of them are not taken for one', async () => {
    for (const byte of [0xe4, 0xf6]) {
      fs.writeFileSync(Buffer.concat([Buffer.from(`${story.folder}/`), Buffer.from([0x61, byte])]), String(byte));
    }
    await wait();
    expect(story.intake.taken.map(({ files }) => Object.values(files))).toEqual([['228'], ['246']]);
    expect(
      fs
        .readdirSync(story.folder, { encoding: 'latin1' })
        .filter((name) => name.length === 2)
        .sort(),
    ).toEqual(['a\u00e4', 'a\u00f6']);
  });
});

it('a file larger than any program is refused without being read', async () => {
  story.write({ ...sidecar('a.nc'), 'a.nc': 'A', 'b.nc': 'B' });
  fs.truncateSync(story.path('a.nc'), 1024 * 1024 * 1024 + 1);
  fs.truncateSync(story.path('b.nc'), 1024 * 1024 * 1024 + 1);
  await wait();
  expect(story.intake.taken.map(({ name, files }) => ({ name, files }))).toEqual([
    { name: '4471', files: {} },
    { name: 'b.nc', files: {} },
  ]);
  expect(story.codes(0)).toEqual(['too-large files[0].name']);
  expect(story.codes(1)).toEqual(['too-large']);
});
