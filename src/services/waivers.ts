import type { Catalog } from '../catalog/catalog.ts';
import { type DepositRow, depositRow } from '../catalog/queries/deposits.ts';
import type { Standing } from '../catalog/standing.ts';
import { mostRestrictive } from '../domain/combine-labels.ts';
import type { Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, makeEvent } from '../domain/events.ts';
import type { DepositId } from '../domain/ids.ts';
import type { DepositOutcome } from '../domain/intake.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Person, PersonRole } from '../domain/people.ts';
import type { Envelope } from '../domain/statements.ts';
import type { WaiverStatement } from '../domain/waivers.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { waivableBy } from '../nc/preflight/catalogue.ts';
import { verifyWaiver, type WaivedFile } from '../signing/waiver.ts';
import { type Authority, asPerson, packageFacts } from './authority.ts';
import type { IntakeService } from './intake.ts';
import type { MachineProfiles } from './machine-profiles.ts';
import { requireFreshCounters } from './passkey-counters.ts';
import type { Asker } from './principals.ts';
import { signingPerson } from './signing-person.ts';

type WaiverParts = {
  ledger: Ledger;
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  authority: Authority;
  profiles: MachineProfiles;
  intake: Pick<IntakeService, 'manifestOf' | 'reconsider'>;
  /** Of the ledger. */
  origin: string;
};
type Said = WaiverStatement['predicate'];
export type KeptBack = { row: DepositRow; manifest: Manifest; roleFor(rule: string): PersonRole | undefined };
export type WaiverAnswer = { index: number; outcome: DepositOutcome };

/** Findings that keep a deposit in quarantine and that somebody signs may stand, one by one. */
export class WaiverService {
  readonly #parts: WaiverParts;
  /** Two waivers at once would each judge what was before the other. */
  readonly #underWay = new Set<DepositId>();

  constructor(parts: WaiverParts) {
    this.#parts = parts;
  }

  /**
   * A deposit that inspection keeps back, and who may sign that a finding may stand (undefined: nobody), for whoever may view
   * the package that it would become. Throws `not-found` for anybody else, as where there is none.
   */
  async look(asker: Asker, depositId: DepositId): Promise<KeptBack> {
    const row = depositRow(await this.#parts.catalog.current(), depositId);
    const kept = row && (await this.#visible(asker, row));
    if (!kept) throw new DomainError('not-found', 'There is no such deposit.');
    requireRejected(kept.row);
    return kept;
  }

  /** As `look`, of a deposit in a list: undefined where the asker may not see it, or where no waiver would admit it. */
  async openTo(asker: Asker, row: DepositRow): Promise<KeptBack | undefined> {
    const blocks = row.findings.filter(({ severity }) => severity === 'block');
    if (blocks.length === 0 || row.moreFindings > 0) return undefined;
    const kept = await this.#visible(asker, row);
    return kept && blocks.every(({ rule, more }) => more === undefined && kept.roleFor(rule)) ? kept : undefined;
  }

  async #visible(asker: Asker, row: DepositRow): Promise<KeptBack | undefined> {
    const manifest = await this.#visibleManifest(asker, row);
    return manifest && { row, manifest, roleFor: (rule) => this.#waivableBy(rule, manifest) };
  }

  /**
   * Records a signed waiver and has the deposit looked at again. Throws why it does not count: nothing is recorded then.
   * Whoever may not view the package that it would become is told that there is no such deposit.
   */
  async waive(asker: Asker, depositId: DepositId, envelope: Envelope): Promise<WaiverAnswer> {
    if (this.#underWay.has(depositId))
      throw new DomainError('busy', 'Another waiver of this deposit is being looked at; try again in a moment.');
    this.#underWay.add(depositId);
    try {
      return await this.#waive(asker, depositId, envelope);
    } finally {
      this.#underWay.delete(depositId);
    }
  }

  async #waive(asker: Asker, depositId: DepositId, envelope: Envelope): Promise<WaiverAnswer> {
    const { ledger, standing, authority, intake, origin } = this.#parts;
    const { row, manifest } = await this.look(asker, depositId);
    const { receipt } = await ledger.commit(() => {
      const { person } = signingPerson(asker, envelope, standing);
      const { said, file } = verifyWaiver(envelope, { person, origin, depositId });
      requireFreshCounters(envelope, standing);
      this.#requireWaivable(row, manifest, said, file);
      this.#requireEntitled(person, manifest, said);
      const signing = asPerson(person.id, { ...asker.context, role: said.role });
      const decision = authority.require('approve-as', signing, packageFacts(depositId, manifest));
      return { events: [waived(depositId, said, file, { envelope, decision })], result: undefined };
    });
    // A crash here leaves the deposit open, and the next start goes on with it.
    return { index: receipt.index, outcome: await intake.reconsider(depositId) };
  }

  /** What the deposit would become, under the strictest label that its part ever had; only for whoever may view that. */
  async #visibleManifest(asker: Asker, row: DepositRow): Promise<Manifest | undefined> {
    const { authority, standing, intake } = this.#parts;
    const deposited = await intake.manifestOf(row).catch((error: unknown) => {
      if (error instanceof DomainError) return undefined;
      throw error;
    });
    if (!deposited) return undefined;
    const known = standing.labelOfPart(deposited.part);
    const classification = known ? mostRestrictive(known, deposited.classification) : deposited.classification;
    const manifest = { ...deposited, classification };
    const facts = packageFacts(row.depositId, manifest);
    return authority.decide('view', asker, facts).verdict === 'permit' ? manifest : undefined;
  }

  #requireWaivable(row: DepositRow, manifest: Manifest, said: Said, file: WaivedFile): void {
    const { rule, line, role } = said;
    const same = (other: { rule: string; line?: number | undefined; file: string }) =>
      other.rule === rule && other.line === line && other.file === file.name;
    const finding = row.findings.find((one) => same(one) && one.more === undefined);
    const place = line === undefined ? file.name : `${file.name} line ${line}`;
    if (!finding || !manifest.files.some(({ name, digest }) => name === file.name && digest === file.digest))
      throw new DomainError('not-waivable', `Inspection names no ${rule} in ${place} of exactly these bytes.`);
    if (row.waivers.some(same)) throw new DomainError('already-counted', `${rule} in ${place} was waived already.`);
    const by = this.#waivableBy(rule, manifest);
    if (by === undefined)
      throw new DomainError('not-waivable', `${rule} protects the reading of the program: nobody may waive it.`);
    if (role !== by) throw new DomainError('role-not-held', `${rule} is waived as ${by}, not as ${role}.`);
  }

  #waivableBy(rule: string, { machineGroup }: Manifest): PersonRole | undefined {
    return waivableBy(rule, this.#parts.profiles.forGroup(machineGroup));
  }

  #requireEntitled(person: Person, { author }: Manifest, { role }: Said): void {
    const { register } = this.#parts.standing;
    if (!person.roles.includes(role))
      throw new DomainError('role-not-held', `${person.id} does not hold the role ${role}.`);
    if (register.human(person.id) === register.human(author))
      throw new DomainError('author-may-not-approve', `${person.id} is the author and may not waive what was found.`);
  }
}

function requireRejected({ state, findings }: DepositRow): void {
  if (state === 'rejected' && findings.some(({ severity }) => severity === 'block')) return;
  throw new DomainError(
    'state-forbids',
    'Only what keeps a deposit in quarantine can be waived; what is held is acknowledged by an approval.',
  );
}

function waived(
  depositId: DepositId,
  { person, role, rule, line, reason }: Said,
  file: WaivedFile,
  rest: { envelope: Envelope; decision: Decision },
): Event {
  const about = { depositId, file: file.name, digest: file.digest, rule, ...(line === undefined ? {} : { line }) };
  return makeEvent('finding.waived', { kind: 'person', id: person }, { ...about, person, role, reason, ...rest });
}
