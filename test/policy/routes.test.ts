import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import type { GroupId, PersonId } from '../../src/domain/ids.ts';
import { type ChangeSize, changeSize, type FileRole, type Manifest } from '../../src/domain/manifest.ts';
import { type PersonRole, personRoles } from '../../src/domain/people.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { judgeRoute, type RouteVote } from '../../src/policy/judge-route.ts';
import { loadRoutes, parseRoutes } from '../../src/policy/routes.ts';
import { ear, itar, personId, routesFile, uncontrolled } from './cases.ts';

const routes = loadRoutes(routesFile);
const job = {
  machineGroup: 'HAAS-VF' as GroupId,
  classification: itar,
  files: [{ role: 'main-program' as const }],
};
/** Somebody with two ids: both are one human being. */
const twoIds: Record<string, string> = { 'QA-3B': 'QA-3', 'CAM-1B': 'CAM-1' };
const human = (id: PersonId) => personId(twoIds[id] ?? id);
const manifestDigest = digestOf('manifest');
const route = routes.routeFor(job, 'first-release');
const subject = { author: personId('CAM-1'), manifestDigest, human };

const vote = (person: string, role: PersonRole, other: Partial<RouteVote> = {}): RouteVote => ({
  person: personId(person),
  role,
  manifestDigest,
  routeVersion: route.version,
  assurance: 'file',
  ...other,
});
const judge = (...votes: RouteVote[]) => judgeRoute(route, subject, votes);
const parse = (text: string) => parseRoutes(Buffer.from(text), 'routes.yaml');

describe('the default routes', () => {
  test('an ITAR package needs engineering, quality and export compliance', () => {
    expect(route.id).toBe('itar');
    expect(route.approvals.map((a) => [a.role, a.count])).toEqual([
      ['manufacturing-engineer', 1],
      ['quality', 1],
      ['export-compliance', 1],
    ]);
  });

  test.each([ear, uncontrolled])('a package that is not ITAR needs engineering and quality', (classification) => {
    const other = routes.routeFor({ ...job, classification }, 'program');
    expect(other.id).toBe('default');
    expect(other.approvals.map((a) => a.role)).toEqual(['manufacturing-engineer', 'quality']);
  });

  test('each approver is told what their name will mean', () => {
    for (const approval of route.approvals) expect(approval.meaning).toMatch(/^I verified /);
  });

  test('the version is the digest of the exact bytes of the file', () => {
    expect(routes.version).toBe(digestOf(routes.text));
    expect(parse(`${routes.text}# a comment\n`).version).not.toBe(routes.version);
  });
});

const one = (id: string, when = '') =>
  `  - id: ${id}\n${when}    approvals:\n      - { role: quality, count: 1, meaning: I checked it. }\n`;
const forItar = '    when: { jurisdictions: [ITAR] }\n';

describe('a routes file', () => {
  test('gives the first route that fits', () => {
    const mills = '    when: { machineGroups: [HAAS-VF], jurisdictions: [EAR] }\n';
    const file = parse(`routes:\n${one('mills', mills)}${one('itar', forItar)}${one('rest')}`);
    expect(file.routeFor({ ...job, classification: ear }, 'program').id).toBe('mills');
    expect(file.routeFor(job, 'program').id).toBe('itar');
    expect(file.routeFor({ ...job, machineGroup: 'LATHE' as GroupId, classification: ear }, 'program').id).toBe('rest');
  });

  const faults: [string, string, RegExp][] = [
    ['without a route that fits everything', `routes:\n${one('itar', forItar)}`, /must fit everything/],
    [
      'with a route that is never reached',
      `routes:\n${one('rest')}${one('itar', forItar)}`,
      /itar can never be reached/,
    ],
    ['with two routes of one name', `routes:\n${one('a', forItar)}${one('a')}`, /two routes have the id a/],
    ['with a key nobody knows', 'routes:\n  - { id: a, aprovals: [] }\n', /routes\.0/],
    ['with an empty `when`', `routes:\n${one('a', '    when: {}\n')}${one('b')}`, /routes\.0\.when: names nothing/],
    [
      'with a role that does not exist',
      `routes:\n${one('a').replace('quality', 'foreman')}`,
      /routes\.0\.approvals\.0\.role/,
    ],
    ['with a count written as text', `routes:\n${one('a').replace('count: 1', 'count: "1"')}`, /approvals\.0\.count/],
    ['with no approval at all', 'routes:\n  - { id: a, approvals: [] }\n', /routes\.0\.approvals/],
    [
      'with one role twice',
      `routes:\n${one('a')}      - { role: quality, count: 1, meaning: Again. }\n`,
      /names one role twice/,
    ],
    [
      'with more approvals than a release holds',
      `routes:\n${one('a').replace('count: 1', 'count: 17')}`,
      /more than 16/,
    ],
    ['with one key twice', `routes:\n${one('a')}routes: []\n`, /unique/i],
    ['that is not YAML', 'routes: [', /routes\.yaml: /],
    ['that is empty', '', /routes\.yaml: /],
    ['that is too long to record', `${'#'.repeat(20_001)}\n`, /longer than 20000/],
  ];
  test.each(faults)('%s is refused in one line', (_, text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) }),
    );
    expect(() => parse(text)).not.toThrow(/\n/);
  });

  test('that is not there is refused by name', () => {
    expect(() => loadRoutes('/nowhere/routes.yaml')).toThrow(/\/nowhere\/routes\.yaml: it cannot be read/);
  });
});

describe('a route', () => {
  const complete = [vote('ME-2', 'manufacturing-engineer'), vote('QA-3', 'quality'), vote('EC-4', 'export-compliance')];

  test('is complete when each role has approved', () => {
    expect(judge(...complete)).toEqual({ complete: true, counted: [0, 1, 2], missing: [], notCounted: [] });
  });

  test('says who is still missing', () => {
    expect(judge(vote('QA-3', 'quality'))).toMatchObject({
      complete: false,
      missing: [
        { role: 'manufacturing-engineer', count: 1 },
        { role: 'export-compliance', count: 1 },
      ],
    });
  });

  const other = digestOf('other') as Digest;
  const doubtful: [string, RouteVote[], string][] = [
    ['the author', [vote('CAM-1', 'quality')], 'author-may-not-approve'],
    [
      'a person who has approved in another role',
      [vote('QA-3', 'quality'), vote('QA-3', 'export-compliance')],
      'already-counted',
    ],
    ['a second person in a role that needs one', [vote('QA-3', 'quality'), vote('QA-9', 'quality')], 'already-counted'],
    ['a role that is not on the route', [vote('AUD-6', 'auditor')], 'role-not-on-route'],
    [
      'a second id of somebody who has approved',
      [vote('QA-3', 'quality'), vote('QA-3B', 'manufacturing-engineer')],
      'already-counted',
    ],
    ['a second id of the author', [vote('CAM-1B', 'quality')], 'author-may-not-approve'],
    ['an approval of a later step', [vote('QA-3', 'quality'), vote('EC-4', 'export-compliance')], 'out-of-order'],
    ['an approval whose key was revoked since', [vote('QA-3', 'quality', { fallen: 'Lost.' })], 'key-revoked'],
    ['an approval of other bytes', [vote('QA-3', 'quality', { manifestDigest: other })], 'statement-mismatch'],
    ['an approval under other routes', [vote('QA-3', 'quality', { routeVersion: other })], 'statement-mismatch'],
  ];
  test.each(doubtful)('does not count %s', (_, votes, code) => {
    const { notCounted, counted } = judge(...votes);
    expect(notCounted).toEqual([{ index: votes.length - 1, code, message: expect.any(String) }]);
    expect(counted).toHaveLength(votes.length - 1);
  });

  test('lets a person whose approval did not count approve in the role that is missing', () => {
    const { counted, complete: done } = judge(
      vote('QA-3', 'quality'),
      vote('ME-2', 'quality'),
      vote('ME-2', 'manufacturing-engineer'),
      vote('EC-4', 'export-compliance'),
    );
    expect(counted).toEqual([0, 2, 3]);
    expect(done).toBe(true);
  });

  const anyVote = fc
    .record({ person: fc.constantFrom('CAM-1', 'ME-2', 'QA-3', 'EC-4', 'QA-9'), role: fc.constantFrom(...personRoles) })
    .map(({ person, role }) => vote(person, role));
  const votes = fc.array(anyVote, { maxLength: 8 });

  test('is never completed by the author or by a person who already counts', () => {
    fc.assert(
      fc.property(votes, fc.constantFrom(...personRoles), fc.nat(), (given, inRole, pick) => {
        const before = judge(...given);
        if (before.complete) return;
        const already = given[before.counted[pick % Math.max(1, before.counted.length)] ?? -1]?.person;
        for (const who of ['CAM-1', ...(already === undefined ? [] : [already])]) {
          const after = judge(...given, vote(who, inRole));
          expect(after.complete).toBe(false);
          expect(after.counted).toEqual(before.counted);
        }
      }),
      { numRuns: 500, seed: 4471 },
    );
  });

  test('is complete only with as many different people as it asks for, none of them the author', () => {
    fc.assert(
      fc.property(votes, (given) => {
        const judged = judge(...given);
        const people = judged.counted.map((index) => given[index]?.person);
        expect(new Set(people).size).toBe(people.length);
        expect(people).not.toContain('CAM-1');
        expect(judged.complete).toBe(people.length === 3);
        expect(judged.counted.length + judged.notCounted.length).toBe(given.length);
      }),
      { numRuns: 500, seed: 4471 },
    );
  });

  test('counts each approval in order once, whatever stands between them that does not count', () => {
    const noise = fc.array(
      fc.record({
        person: fc.constantFrom('CAM-1', 'CAM-1B', 'ME-2', 'QA-3', 'QA-3B'),
        role: fc.constantFrom(...personRoles),
        other: fc.constantFrom({ fallen: 'Lost.' }, { manifestDigest: other }, { routeVersion: other }),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(noise, noise, noise, (...parts) => {
        const given = parts.flatMap((part, at) => [
          ...part.map((n) => vote(n.person, n.role, n.other)),
          ...complete.slice(at, at + 1),
        ]);
        const judged = judge(...given);
        expect(judged.complete).toBe(true);
        expect(judged.counted.map((index) => given[index])).toEqual(complete);
      }),
      { numRuns: 300, seed: 4471 },
    );
  });

  test('in steps is never complete with a later approval before an earlier one', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(complete, { minLength: 3 }), (order) => {
        const isLast = order.at(-1)?.role === 'export-compliance';
        expect(judge(...order).complete).toBe(isLast);
      }),
      { numRuns: 100, seed: 4471 },
    );
  });
});

describe('a route that asks how a key is held', () => {
  const strict = parse(
    'routes:\n  - id: a\n    approvals:\n      - { role: quality, count: 2, assurance: [token, passkey], meaning: I checked it. }\n',
  );
  const line = strict.routeFor(job, 'program');
  const judgeStrict = (...votes: RouteVote[]) =>
    judgeRoute(
      line,
      subject,
      votes.map((v) => ({ ...v, routeVersion: line.version })),
    );

  test('counts a card and a passkey, and no key in a file', () => {
    const judged = judgeStrict(
      vote('QA-1', 'quality'),
      vote('QA-2', 'quality', { assurance: 'token' }),
      vote('QA-4', 'quality', { assurance: 'passkey' }),
    );
    expect(judged).toMatchObject({ complete: true, counted: [1, 2] });
    expect(judged.notCounted).toEqual([
      { index: 0, code: 'assurance-too-low', message: expect.stringContaining('token or passkey, not by file') },
    ]);
  });
});

describe('a route is chosen', () => {
  const file = parse(
    [
      'routes:',
      one('papers', '    when: { changes: [documents] }\n'),
      one('drawn', '    when: { documents: [drawing], changes: [first-release, program] }\n'),
      one('rest'),
    ].join('\n'),
  );
  const holding = (...roles: FileRole[]) => ({ ...job, files: roles.map((role) => ({ role })) });
  test.each<[string, FileRole[], ChangeSize, string]>([
    ['by papers that changed alone', ['main-program', 'drawing'], 'documents', 'papers'],
    ['by a drawing beside the program', ['main-program', 'drawing'], 'program', 'drawn'],
    ['by what is released for the first time', ['main-program', 'drawing'], 'first-release', 'drawn'],
    ['by none of these', ['main-program', 'setup-sheet'], 'first-release', 'rest'],
  ])('%s', (_what, roles, size, id) => expect(file.routeFor(holding(...roles), size).id).toBe(id));

  test.each([
    [
      'both approvals and steps',
      `${one('a')}    steps: [{ approvals: [{ role: quality, count: 1, meaning: Again. }] }]\n`,
    ],
    ['neither approvals nor steps', '  - { id: a }\n'],
    ['no step', '  - { id: a, steps: [] }\n'],
    ['a way to hold a key that does not exist', one('a').replace('count: 1', 'count: 1, assurance: [memory]')],
    ['a change size that does not exist', one('a', '    when: { changes: [tiny] }\n')],
  ])('from a file, which is refused with %s', (_what, text) => {
    expect(() => parse(`routes:\n${text}`)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });

  const manifest = (...files: [string, FileRole, string][]) =>
    ({ files: files.map(([name, role, bytes]) => ({ name, role, digest: digestOf(bytes) })) }) as unknown as Manifest;
  const inForce = manifest(['O1.NC', 'main-program', 'one'], ['S.TXT', 'setup-sheet', 'paper']);
  test.each<[string, Manifest, ChangeSize]>([
    ['other papers', manifest(['O1.NC', 'main-program', 'one'], ['S.TXT', 'setup-sheet', 'other']), 'documents'],
    ['papers left out', manifest(['O1.NC', 'main-program', 'one']), 'documents'],
    ['another program', manifest(['O1.NC', 'main-program', 'two'], ['S.TXT', 'setup-sheet', 'paper']), 'program'],
    ['a program under another name', manifest(['O2.NC', 'main-program', 'one']), 'program'],
    ['one subprogram more', manifest(['O1.NC', 'main-program', 'one'], ['O2.NC', 'subprogram', 'sub']), 'program'],
  ])('with the size of the change: %s', (_what, later, size) => {
    expect(changeSize(later, inForce)).toBe(size);
    expect(changeSize(later, undefined)).toBe('first-release');
  });
});
