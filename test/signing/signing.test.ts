import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { developmentOrganisation } from '../../certs-dev/generate.ts';
import type { Digest } from '../../src/domain/digest.ts';
import type { EventOf, Sequenced } from '../../src/domain/events.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import type { PeopleEntry } from '../../src/domain/people-register.ts';
import type { Envelope } from '../../src/domain/statements.ts';
import { canonicalJson, digestOf } from '../../src/platform/hash.ts';
import type { Routes } from '../../src/policy/routes.ts';
import { parseRoutes } from '../../src/policy/routes.ts';
import { CmsSigner } from '../../src/signing/cms.ts';
import { openEnvelope, preAuthenticationEncoding, signStatement } from '../../src/signing/dsse.ts';
import { newP256Key, publicPem } from '../../src/signing/keys.ts';
import { releaseStatement, verifyReleaseStatement } from '../../src/signing/release-evidence.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { approvalStatement, manifestDigest, verifyApproval } from '../../src/signing/statements.ts';
import { isDevelopmentCertificate, isDevelopmentTrust, parseTrust } from '../../src/signing/trust.ts';
import { waiverStatement } from '../../src/signing/waiver.ts';
import { madeChange } from '../helpers/changes.ts';
import { makePerson, makeTestKeys, temporaryFolder, testOrigin } from '../helpers/test-keys.ts';

const keys = makeTestKeys();
const place = temporaryFolder();
afterAll(() => place.remove());
const path = (name: string) => join(place.folder, name);

describe('a detached CMS signature', () => {
  const content = Buffer.from('%\r\nO4471\r\nG0 X1.\r\nM30\r\n%\r\n');
  const verify = (file: string, authority = 'ca.pem', extra: string[] = []) =>
    spawnSync('openssl', [
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'DER',
      '-in',
      path('sig.p7s'),
      '-content',
      path(file),
      '-CAfile',
      path(authority),
      '-out',
      '/dev/null',
      ...extra,
    ]).status;

  beforeAll(async () => {
    const signer = await CmsSigner.create(pemSigningKey(createPrivateKey(keys.pki.release.privateKeyPem)), [
      keys.releaseCertificate,
    ]);
    writeFileSync(path('sig.p7s'), await signer.sign(digestOf(content), Date.now()));
    writeFileSync(path('program.nc'), content);
    writeFileSync(path('flipped.nc'), Buffer.from(content).fill('2', 14, 15));
    writeFileSync(path('unix.nc'), content.toString().replaceAll('\r\n', '\n'));
    writeFileSync(path('ca.pem'), keys.pki.ca.certificatePem);
    writeFileSync(path('other-ca.pem'), makeTestKeys().pki.ca.certificatePem);
  });

  it('is accepted by openssl, also as CAdES', () => {
    expect(verify('program.nc')).toBe(0);
    expect(verify('program.nc', 'ca.pem', ['-cades'])).toBe(0);
  });
  it('is refused by openssl for one flipped byte', () => expect(verify('flipped.nc')).not.toBe(0));
  it('is refused by openssl when the line ends were changed', () => expect(verify('unix.nc')).not.toBe(0));
  it('is refused by openssl under an unrelated authority', () =>
    expect(verify('program.nc', 'other-ca.pem')).not.toBe(0));
});

const manifest = {
  v: 1,
  part: 'BRKT-1',
  revision: 'A',
  operation: '10',
  machineGroup: 'MILL',
  author: 'CAM-1',
  changeOrder: 'ECO-1',
  classification: { jurisdiction: 'none' },
  files: [{ name: 'O1.NC', role: 'main-program', digest: digestOf('one'), size: 3 }],
} as unknown as Manifest;
const packageId = 'PKG-0000000001' as EventOf<'package.submitted'>['data']['packageId'];
const time = '2026-11-01T00:00:00.000Z';
const routesText = `routes: [{ id: all, approvals: [{ role: quality, count: 1, meaning: I checked it. }, { role: manufacturing-engineer, count: 1, meaning: I ran it. }] }]`;
const routes: Routes = parseRoutes(Buffer.from(routesText), 'routes');

const author = makePerson('CAM-1', ['programmer', 'quality']);
const engineer = makePerson('ME-1', ['manufacturing-engineer']);
const inspector = makePerson('QA-1', ['quality', 'manufacturing-engineer']);
const exporter = makePerson('EXP-1', ['export-compliance']);
type Known = typeof author;

const approve = (
  who: Known,
  role: PersonRole,
  over: Partial<Parameters<typeof approvalStatement>[0]> = {},
  key = who.key,
): Envelope =>
  signStatement(
    approvalStatement({
      decision: 'approve',
      manifest,
      packageId,
      person: who.person.id,
      role,
      meaning: 'I checked it.',
      routeVersion: routes.version,
      time,
      ...over,
    }),
    key,
  );

describe('an approval', () => {
  it('is one signature over every file, which openssl checks without us', () => {
    const envelope = approve(inspector, 'quality');
    expect(verifyApproval(envelope, { person: inspector.person, manifest, packageId }).predicate.role).toBe('quality');
    writeFileSync(path('pae'), preAuthenticationEncoding(Buffer.from(envelope.payload, 'base64')));
    writeFileSync(path('pae.sig'), Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64'));
    writeFileSync(path('person.pem'), publicPem(createPublicKey(inspector.key)));
    const said = execFileSync('openssl', [
      'dgst',
      '-sha256',
      '-verify',
      path('person.pem'),
      '-signature',
      path('pae.sig'),
      path('pae'),
    ]);
    expect(said.toString()).toContain('Verified OK');
  });

  it.each([
    [
      'of other bytes',
      () =>
        approve(inspector, 'quality', {
          manifest: { ...manifest, files: [{ ...manifest.files[0], digest: digestOf('two') }] } as Manifest,
        }),
    ],
    ['of another package', () => approve(inspector, 'quality', { packageId: 'PKG-0000000002' as typeof packageId })],
    ['that says somebody else', () => approve(inspector, 'quality', { person: engineer.person.id })],
    ['by a key that is not theirs', () => approve(inspector, 'quality', {}, newP256Key())],
    [
      'with a changed payload',
      () => ({ ...approve(inspector, 'quality'), payload: approve(inspector, 'manufacturing-engineer').payload }),
    ],
  ])('%s does not verify', (_name, make) => {
    expect(() => verifyApproval(make(), { person: inspector.person, manifest, packageId })).toThrow(
      /signature|signed|package/i,
    );
  });

  it('is not opened with base64 that is not canonical', () => {
    const envelope = approve(inspector, 'quality');
    expect(() => openEnvelope({ ...envelope, payload: `${envelope.payload}\n` }, inspector.person.keys)).toThrow(
      /canonical|match/,
    );
  });
});

describe('a release statement', () => {
  const at = <E>(index: number, event: E) => ({ index, time, event }) as Sequenced & { event: E };
  const submitted = at(4, {
    v: 1,
    type: 'package.submitted',
    actor: { kind: 'gateway' },
    data: { packageId, manifest, manifestDigest: manifestDigest(manifest) },
  }) as unknown as Sequenced<EventOf<'package.submitted'>>;
  let people: PeopleEntry[] = [];
  beforeAll(async () => {
    people = (await Promise.all(
      [author, engineer, inspector, exporter].map(({ person }, index) =>
        madeChange({ kind: 'person.enrol', person }, { keys, index, time }),
      ),
    )) as PeopleEntry[];
  });
  const given = (index: number, who: Known, role: PersonRole, envelope = approve(who, role)) =>
    at(index, {
      v: 1,
      type: 'approval.given',
      actor: { kind: 'gateway' },
      data: {
        packageId,
        person: who.person.id,
        role,
        manifestDigest: manifestDigest(manifest),
        routeVersion: routes.version,
        envelope,
      },
    }) as unknown as Sequenced<EventOf<'approval.given'>>;
  const evidence = (approvals: ReturnType<typeof given>[]) => ({
    ...{ submitted, approvals, people, routes },
    previous: undefined,
    trust: keys.trust,
    issuedAt: undefined,
  });
  const rest = { releaseId: 'REL-0000000001', routeVersion: routes.version, time } as Parameters<
    typeof releaseStatement
  >[1];
  const check = (approvals: ReturnType<typeof given>[]) => {
    const all = evidence(approvals);
    return verifyReleaseStatement(releaseStatement(all, rest), all);
  };

  it('holds when two people approved in the roles of the route', () => {
    expect(check([given(4, engineer, 'manufacturing-engineer'), given(5, inspector, 'quality')])).toEqual(manifest);
  });

  it.each([
    ['one approval is missing', () => [given(5, inspector, 'quality')]],
    ['one person signed twice', () => [given(4, inspector, 'manufacturing-engineer'), given(5, inspector, 'quality')]],
    ['the author approved', () => [given(4, engineer, 'manufacturing-engineer'), given(5, author, 'quality')]],
    [
      'a signature is by another key',
      () => [
        given(4, engineer, 'manufacturing-engineer', approve(engineer, 'manufacturing-engineer', {}, inspector.key)),
        given(5, inspector, 'quality'),
      ],
    ],
    [
      'somebody signed in a role that they do not hold',
      () => [given(4, engineer, 'quality'), given(5, inspector, 'manufacturing-engineer')],
    ],
    [
      'a refusal is passed off as an approval',
      () => [
        given(
          4,
          engineer,
          'manufacturing-engineer',
          approve(engineer, 'manufacturing-engineer', { decision: 'refuse' }),
        ),
        given(5, inspector, 'quality'),
      ],
    ],
    [
      'an approval is surplus',
      () => [
        given(4, engineer, 'manufacturing-engineer'),
        given(5, inspector, 'quality'),
        given(6, makePerson('QA-2', ['quality']), 'quality'),
      ],
    ],
    [
      'the approval was before the enrolment',
      () => [given(1, engineer, 'manufacturing-engineer'), given(5, inspector, 'quality')],
    ],
  ])('does not hold when %s', (_name, approvals) => {
    expect(() => check(approvals())).toThrow(expect.objectContaining({ name: 'DomainError' }));
  });

  it('holds for a package with held findings only when somebody of their role approved too', () => {
    const held = { ...submitted, event: { ...submitted.event, data: { ...submitted.event.data } } };
    held.event.data.holds = ['quality', 'export-compliance'];
    const verified = (approvals: ReturnType<typeof given>[]) => {
      const all = { ...evidence(approvals), submitted: held };
      return verifyReleaseStatement(releaseStatement(all, rest), all);
    };
    const usual = [given(5, engineer, 'manufacturing-engineer'), given(6, inspector, 'quality')];
    expect(() => verified(usual)).toThrow(/do not complete the route/);
    expect(verified([...usual, given(7, exporter, 'export-compliance')])).toEqual(manifest);
    expect(() => check([...usual, given(7, exporter, 'export-compliance')])).toThrow(/do not complete the route/);
  });

  describe('with a finding that somebody waived', () => {
    const depositId = 'DEP-0000000001' as EventOf<'finding.waived'>['data']['depositId'];
    const rule = 'call-outside-package';
    type Over = { who?: Known; rule?: string; line?: number; digest?: Digest; origin?: string; role?: PersonRole };
    const entryOf = ({ who = engineer, digest = digestOf('one'), origin = testOrigin, ...over }: Over) => {
      const role = over.role ?? ('manufacturing-engineer' as const);
      const said = {
        rule,
        line: 3,
        ...over,
        role,
        origin,
        depositId,
        person: who.person.id,
        reason: 'It is known.',
        time,
      };
      const envelope = signStatement(waiverStatement({ name: 'O1.NC', digest }, said), who.key);
      const data = { depositId, file: 'O1.NC', digest, rule: said.rule, line: said.line, person: said.person };
      const event = { v: 1, type: 'finding.waived', actor: { kind: 'gateway' }, data: { ...data, role, envelope } };
      return at(4, event) as unknown as Sequenced<EventOf<'finding.waived'>>;
    };
    /** The release of a package whose manifest lists a waiver in line 3, with the entry that is to prove it. */
    const verified = (entry: ReturnType<typeof entryOf> | undefined, by = engineer, named = rule) => {
      const envelope = digestOf(canonicalJson(entry?.event.data.envelope ?? {}));
      const about = { entry: 4, file: 'O1.NC', rule: named, line: 3, by: by.person.id, envelope };
      const listed = { ...about, role: 'manufacturing-engineer' as const };
      const waivedManifest = { ...manifest, waivers: [listed] } as Manifest;
      const data = { packageId, depositId, manifest: waivedManifest, manifestDigest: manifestDigest(waivedManifest) };
      const approvals = [[engineer, 'manufacturing-engineer'] as const, [inspector, 'quality'] as const].map(
        ([who, role], n) => {
          const one = given(6 + n, who, role, approve(who, role, { manifest: waivedManifest }));
          return { ...one, event: { ...one.event, data: { ...one.event.data, manifestDigest: data.manifestDigest } } };
        },
      );
      const all = {
        ...evidence(approvals),
        submitted: {
          ...submitted,
          index: 5,
          event: { ...submitted.event, data: { ...submitted.event.data, ...data } },
        },
        waivers: entry ? [entry] : [],
      };
      return verifyReleaseStatement(releaseStatement(all, rest), all);
    };

    it('holds with the signature of whoever waived it', () => {
      expect(verified(entryOf({})).waivers).toHaveLength(1);
    });

    it.each([
      ['is signed by nobody', () => verified(undefined), /not in its evidence/],
      ['is signed for another line', () => verified(entryOf({ line: 4 })), /another finding/],
      ['is signed for another rule', () => verified(entryOf({ rule: 'travel' })), /another finding/],
      ['is signed for other bytes', () => verified(entryOf({ digest: digestOf('two') })), /other bytes/],
      ['is signed for another ledger', () => verified(entryOf({ origin: 'x.example/ledger' })), /another ledger/],
      ['is by the author', () => verified(entryOf({ who: author }), author), /role|wrote/],
      ['is by somebody without the role', () => verified(entryOf({ who: exporter }), exporter), /does not hold/],
      [
        'is for a rule that is never waived',
        () => verified(entryOf({ rule: 'control-byte' }), engineer, 'control-byte'),
        /never waived/,
      ],
    ])('does not hold where it %s', (_what, release, why) => {
      expect(release).toThrow(why);
    });
  });

  it('does not hold when it says something else than its evidence', () => {
    const all = evidence([given(4, engineer, 'manufacturing-engineer'), given(5, inspector, 'quality')]);
    const statement = releaseStatement(all, rest);
    const lied = { ...statement, predicate: { ...statement.predicate, revision: 'B' } };
    expect(() => verifyReleaseStatement(lied, all)).toThrow(/evidence/);
  });
});

describe('the trust file', () => {
  it('is refused when its release certificate is not issued by its authority', () => {
    const other = makeTestKeys();
    const [authority] = keys.trustFile.root.authorities;
    const authorities = authority ? [{ ...authority, certificate: other.pki.ca.certificatePem }] : [];
    expect(() => parseTrust(keys.trustFileWith({ authorities }))).toThrow(/not issued/);
  });
  it('tells development keys by the organisation that the generator writes', () => {
    expect(developmentOrganisation).toContain('not for production');
    expect(isDevelopmentTrust(keys.trust)).toBe(true);
    expect(isDevelopmentCertificate(Buffer.from(keys.pki.tls.certificatePem))).toBe(true);
  });
});
