import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PackageId } from '../../src/domain/ids.ts';
import type { Asker } from '../../src/services/principals.ts';
import { type Known, openReviewDesk, type ReviewDesk } from '../helpers/review-desk.ts';
import { makePerson } from '../helpers/test-keys.ts';

const operator = makePerson('OP-11', ['operator'], true);
const compliance = makePerson('EXP-1', ['export-compliance'], true);
const program = '%\nO1\nN10 G20 G90 G17 G54\nN20 T1 M6\nN30 G0 X0. Y0.\nN40 G1 Z-0.5 F20.\nN50 M30\n%\n';

let desk: ReviewDesk;
let packageId: PackageId;
beforeAll(async () => {
  desk = await openReviewDesk();
  for (const one of [operator, compliance]) await desk.enrol(one);
  const { outcome } = await desk.deposit(program);
  if (outcome.state !== 'admitted') throw new Error(JSON.stringify(outcome));
  packageId = outcome.packageId;
});
afterAll(() => desk.close());

const as = ({ person }: Known): Asker => ({
  principal: { kind: 'person', id: person.id },
  context: { channel: 'https', encrypted: true, mfa: true },
});
const denied = expect.objectContaining({ code: 'policy-denied' });

it('the files of a package go to those who may take them away, and not to everyone who may see it', async () => {
  const { row } = await desk.view(packageId);
  expect(() => desk.browse.allowed('download', as(compliance), row)).toThrow(denied);
  expect(() => desk.browse.allowed('download', as(desk.people.quality), row)()).not.toThrow();
});

it('the difference from what is released goes to those who compare', async () => {
  const { row } = await desk.view(packageId);
  expect(() => desk.browse.allowed('compare', as(operator), row)).toThrow(denied);
  expect(() => desk.browse.allowed('compare', as(desk.people.author), row)()).not.toThrow();
});
