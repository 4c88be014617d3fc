import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PackageId } from '../../src/domain/ids.ts';
import type { PackageDifference } from '../../src/nc/compare/package-difference.ts';
import { atTheHost, openReviewDesk, type ReviewDesk } from '../helpers/review-desk.ts';

const before = '%\nO1\nN10 G20 G90 G17 G54\nN20 T1 M6\nN30 G0 X0. Y0.\nN40 G1 Z-0.5 F20.\nN50 G1 X1.\nN60 M30\n%\n';
const moved = before.replace('N50 G1 X1.', 'N50 G1 X1.2');
const commented = before.replace('O1\n', 'O1 (REPOSTED)\n');

let desk: ReviewDesk;
beforeAll(async () => {
  desk = await openReviewDesk();
});
afterAll(() => desk.close());

let parts = 0;
/** A part whose revision A, with this program, is in force, and its revision B as a package. */
async function revised(after: string): Promise<PackageId> {
  const part = `PLATE-${parts++}`;
  const { engineer, quality } = desk.people;
  const first = await submitted(before, part, 'A');
  await desk.approve(engineer, 'manufacturing-engineer', first);
  await desk.approve(quality, 'quality', first);
  expect(await desk.releases.issue(first)).toMatchObject({ state: 'released' });
  return submitted(after, part, 'B');
}

async function submitted(program: string, part: string, revision: string): Promise<PackageId> {
  const { outcome } = await desk.deposit(program, { part, revision });
  if (outcome.state !== 'admitted') throw new Error(JSON.stringify(outcome));
  return outcome.packageId;
}

const draftOf = async (packageId: PackageId) => {
  const { firstArticle } = (await desk.view(packageId)).row;
  if (!firstArticle) throw new Error('there is no draft');
  return firstArticle;
};

describe('a revision that changes a released program', () => {
  it('comes with a draft in the ledger, and the difference behind it in the vault', async () => {
    const draft = await draftOf(await revised(moved));
    expect(draft).toMatchObject({ proposal: expect.stringMatching(/full|partial/), statement: /Quality decides/ });
    const bytes = await desk.vault.read(draft.difference.digest, 1_000_000);
    const { differences } = JSON.parse(bytes.toString()) as PackageDifference;
    expect(differences[0]?.counts.geometry).toBe(1);
    expect(differences[0]?.path).toMatchObject({ state: 'differs', largest: expect.closeTo(0.2, 6), unit: 'inch' });
  });

  it('waits until quality says which first article is needed, and is released with that decision', async () => {
    const packageId = await revised(moved);
    const draft = await draftOf(packageId);
    const { engineer, quality } = desk.people;
    await desk.approve(engineer, 'manufacturing-engineer', packageId);
    await expect(desk.approve(quality, 'quality', packageId)).rejects.toMatchObject({
      code: 'first-article-undecided',
    });
    expect(await desk.releases.issue(packageId)).toMatchObject({ state: 'waiting-for-approvals' });
    const decided = { needed: 'partial', reason: 'One length changed.', draft: draft.difference.digest } as const;
    await desk.approve(quality, 'quality', packageId, decided);
    const outcome = await desk.releases.issue(packageId);
    if (outcome.state !== 'released') throw new Error(JSON.stringify(outcome));
    expect(desk.verification.release(outcome.releaseId).files).toHaveLength(1);
    expect(desk.events('first-article.decided').at(-1)).toMatchObject({ packageId, person: 'QA-1', ...decided });
    expect((await desk.view(packageId)).approvals.at(-1)?.firstArticle).toEqual(decided);
  });

  it('is asked for a decision also where nothing that the machine does has changed: no software says that none is needed', async () => {
    const packageId = await revised(commented);
    const draft = await draftOf(packageId);
    expect(draft.proposal).toBe('none-found');
    const { quality } = desk.people;
    await expect(desk.approve(quality, 'quality', packageId)).rejects.toMatchObject({
      code: 'first-article-undecided',
    });
    const decided = { needed: 'none', reason: 'A comment.', draft: draft.difference.digest } as const;
    await desk.approve(quality, 'quality', packageId, decided);
    expect(desk.events('first-article.decided').at(-1)).toMatchObject({ verdict: 'accepted', proposal: 'none-found' });
  });

  it('shows a draft that quality overruled as such', async () => {
    const packageId = await revised(commented);
    const { difference } = await draftOf(packageId);
    const decided = { needed: 'full', reason: 'The fixture is new too.', draft: difference.digest } as const;
    await desk.approve(desk.people.quality, 'quality', packageId, decided);
    expect(desk.events('first-article.decided').at(-1)).toMatchObject({ verdict: 'overruled', needed: 'full' });
  });

  it('takes no decision on another draft, and none from whoever is not quality', async () => {
    const packageId = await revised(moved);
    const other = await draftOf(await revised(commented));
    const { engineer, quality } = desk.people;
    const decided = { needed: 'none', reason: 'It looked harmless.', draft: other.difference.digest } as const;
    await expect(desk.approve(quality, 'quality', packageId, decided)).rejects.toMatchObject({
      code: 'first-article-undecided',
      message: expect.stringContaining('another draft'),
    });
    await expect(desk.approve(engineer, 'manufacturing-engineer', packageId, decided)).rejects.toMatchObject({
      code: 'statement-mismatch',
    });
  });

  it('is not signed where the ledger says another decision than the one that quality signed', async () => {
    const packageId = await revised(moved);
    const { difference } = await draftOf(packageId);
    const { engineer, quality } = desk.people;
    await desk.approve(engineer, 'manufacturing-engineer', packageId);
    const decided = { needed: 'partial', reason: 'One length changed.', draft: difference.digest } as const;
    const envelope = await desk.approval(quality, 'quality', packageId, decided);
    await desk.lieAbout(packageId, envelope, { ...decided, needed: 'none' });
    await expect(desk.releases.issue(packageId)).rejects.toMatchObject({
      code: 'not-verified',
      message: expect.stringContaining('decides otherwise'),
    });
  });
});

it('a first release and a change of papers ask for no decision', async () => {
  const packageId = await submitted(before, 'NEW-1', 'A');
  expect((await desk.view(packageId)).row.firstArticle).toBeUndefined();
  await desk.approve(desk.people.quality, 'quality', packageId);
  const again = await submitted(before, `PLATE-0`, 'Z');
  expect((await desk.view(again)).route.change).toBe('documents');
  expect((await desk.view(again)).row.firstArticle).toBeUndefined();
  await desk.review.record(atTheHost, again, await desk.approval(desk.people.quality, 'quality', again));
});
