import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PackageId } from '../../src/domain/ids.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { atTheHost, openReviewDesk, type ReviewDesk } from '../helpers/review-desk.ts';

/** Calls a program that is neither in the package nor resident: block, in line 4. */
const calls = '%\nO1 (PROBE AND CUT)\nN10 G20 G90 G17\nN20 M98 P8100\nN30 G1 X1. F20.\nN40 M30\n%\n';
/** Two such calls. */
const twice = calls.replace('N30', 'N25 M98 P8200\nN30');

let desk: ReviewDesk;
beforeAll(async () => {
  desk = await openReviewDesk();
});
afterAll(() => desk.close());

/** The package that a deposit became. */
async function admitted(program: string): Promise<PackageId> {
  const { depositId } = await desk.deposit(program);
  const { outcome } = await desk.waivers.waive(
    atTheHost,
    depositId,
    desk.waiver(desk.people.engineer, depositId, { of: program, line: 4 }),
  );
  if (outcome.state !== 'admitted') throw new Error(JSON.stringify(outcome));
  return outcome.packageId;
}

describe('a blocked deposit', () => {
  it('is inspected again and admitted once somebody of the named role signs that the finding may stand', async () => {
    const { outcome } = await desk.deposit(calls);
    expect(outcome).toMatchObject({
      state: 'rejected',
      reasons: [{ code: 'inspection-blocked', field: expect.stringMatching(/NC:4$/) }],
    });
    const packageId = await admitted(calls);
    const [waived] = desk.events('finding.waived');
    expect(waived).toMatchObject({ rule: 'call-outside-package', line: 4, person: 'ME-2' });
    expect(desk.events('deposit.inspected').at(-1)?.waived).toMatchObject([
      { finding: { rule: 'call-outside-package', severity: 'block' } },
    ]);
    const { row, waivers } = await desk.view(packageId);
    expect(row.manifest.waivers).toMatchObject([{ by: 'ME-2', role: 'manufacturing-engineer', line: 4 }]);
    expect(waivers).toMatchObject([{ reason: 'The control holds it.' }]);
  });

  it('stays in quarantine while another finding stands, and says which', async () => {
    const { depositId } = await desk.deposit(twice);
    const { engineer } = desk.people;
    const first = desk.waiver(engineer, depositId, { of: twice, line: 4 });
    const { outcome } = await desk.waivers.waive(atTheHost, depositId, first);
    expect(outcome).toMatchObject({ state: 'rejected', reasons: [{ field: expect.stringMatching(/NC:5$/) }] });
    await expect(desk.waivers.waive(atTheHost, depositId, first)).rejects.toMatchObject({ code: 'not-waivable' });
    const second = desk.waiver(engineer, depositId, { of: twice, line: 5 });
    expect((await desk.waivers.waive(atTheHost, depositId, second)).outcome.state).toBe('admitted');
  });

  it('is released with its waivers in what people approved and what the signer and each delivery check again', async () => {
    const packageId = await admitted(calls);
    const { engineer, quality } = desk.people;
    await desk.approve(engineer, 'manufacturing-engineer', packageId);
    await desk.approve(quality, 'quality', packageId);
    const outcome = await desk.releases.issue(packageId);
    if (outcome.state !== 'released') throw new Error(JSON.stringify(outcome));
    expect(desk.verification.release(outcome.releaseId).files).toHaveLength(1);
  });
});

describe('a waiver does not count', () => {
  const offered = async (over: object, who: 'author' | 'engineer' | 'quality' = 'engineer', program = calls) => {
    const { depositId } = await desk.deposit(program);
    const envelope = desk.waiver(desk.people[who], depositId, { of: program, line: 4, ...over });
    return desk.waivers.waive(atTheHost, depositId, envelope);
  };

  it.each([
    ['for other bytes', { of: `${calls} ` }, 'not-waivable'],
    ['for another line', { line: 3 }, 'not-waivable'],
    ['for a finding that is not there', { rule: 'travel' }, 'not-waivable'],
    ['signed for another ledger', { origin: 'other.example/ledger' }, 'statement-mismatch'],
    ['signed for another deposit', { depositId: 'DEP-9999999999' }, 'statement-mismatch'],
    ['in another role than the rule names', { role: 'quality' }, 'role-not-held'],
  ])('%s', async (_what, over, code) => {
    const before = desk.events('finding.waived').length;
    await expect(offered(over)).rejects.toMatchObject({ code });
    expect(desk.events('finding.waived')).toHaveLength(before);
  });

  it('by the author, whatever roles they hold', async () => {
    await expect(offered({}, 'author')).rejects.toMatchObject({ code: 'author-may-not-approve' });
  });

  it('by somebody who does not hold the role', async () => {
    await expect(offered({}, 'quality')).rejects.toMatchObject({ code: 'role-not-held' });
  });

  it('for a rule that protects the reading', async () => {
    const broken = calls.replace('N40 M30\n%\n', 'N40 M30\n%\nM3 S9000\n');
    const { depositId, outcome } = await desk.deposit(broken);
    expect(outcome.state).toBe('rejected');
    const rule = 'text-after-end';
    const line = 8;
    const envelope = desk.waiver(desk.people.engineer, depositId, { of: broken, rule, line });
    await expect(desk.waivers.waive(atTheHost, depositId, envelope)).rejects.toMatchObject({
      code: 'not-waivable',
      message: expect.stringContaining('protects the reading'),
    });
  });

  it('for a deposit that was admitted, whose held findings an approval acknowledges', async () => {
    const program = calls.replace('N20 M98 P8100\n', '');
    await expect(offered({}, 'engineer', program)).rejects.toMatchObject({ code: 'state-forbids' });
  });

  it('in a file that changed afterwards: the next deposit is blocked again', async () => {
    await admitted(calls);
    const { outcome } = await desk.deposit(calls.replace('F20.', 'F21.'));
    expect(outcome).toMatchObject({ state: 'rejected', reasons: [{ code: 'inspection-blocked' }] });
  });

  it('where an approval is of the same files without it', async () => {
    const packageId = await admitted(calls);
    const { manifest, manifestDigest } = (await desk.view(packageId)).row;
    const { waivers: _, ...without } = manifest;
    expect(manifestDigest).not.toBe(digestOf(JSON.stringify(without)));
    const envelope = await desk.approval(desk.people.quality, 'quality', packageId);
    const open = desk.standing.openPackage(packageId);
    Object.assign(open as object, { manifest: without });
    await expect(desk.review.record(atTheHost, packageId, envelope)).rejects.toMatchObject({
      code: 'statement-mismatch',
    });
  });
});
