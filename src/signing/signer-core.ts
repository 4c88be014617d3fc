import { DomainError } from '../domain/errors.ts';
import { formatCheckpoint, openCheckpoint } from '../merkle/checkpoint.ts';
import { formatNote, type NoteSigner, signNoteLine } from '../merkle/note.ts';
import { verifyConsistency } from '../merkle/tree.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import type { Handlers } from '../platform/rpc.ts';
import type { Routes } from '../policy/routes.ts';
import type { CmsSigner } from './cms.ts';
import { expectPeopleEntry, expectType, openProvenEvent } from './proven-event.ts';
import { verifyReleaseStatement } from './release-evidence.ts';
import { signReleased } from './release-signatures.ts';
import type { ReleaseRequest, SignedRelease, signerProcedures, TreeHead } from './signer-protocol.ts';
import { SignerState } from './signer-state.ts';
import type { SigningKey } from './signing-key.ts';
import type { Trust } from './trust.ts';

export type SignerParts = {
  trust: Trust;
  routes: Routes;
  releaseKey: SigningKey;
  cms: CmsSigner;
  ledgerSigners: readonly NoteSigner[];
  /** Holds the last tree head that was signed, so that a fork is refused even after a restart of everything. */
  stateFile: string;
  clock: Clock;
};

/** How far the time of a release statement may lie from the signer's own clock. */
const clockToleranceMs = 5 * 60_000;

/**
 * The only holder of the release and ledger keys. It believes nothing that it is told: a checkpoint must extend the last
 * one that it signed, a release must follow from entries of a tree that it signed, over bytes that it read itself.
 */
export class SignerCore
  implements Pick<Handlers<typeof signerProcedures>, 'lastSigned' | 'signCheckpoint' | 'signRelease'>
{
  readonly #parts: SignerParts;
  readonly #state: SignerState;

  constructor(parts: SignerParts) {
    this.#parts = parts;
    this.#state = new SignerState(parts.stateFile);
  }

  lastSigned(): TreeHead {
    return this.#state.last;
  }

  signCheckpoint(head: TreeHead & { from: number; proof: string[] }): { note: string } {
    const { size, root } = head;
    if (head.from !== this.#state.last.size) {
      throw new DomainError(
        'conflict',
        `The signer last signed a tree of ${this.#state.last.size} entries, not of ${head.from}.`,
      );
    }
    this.#requireExtension(head);
    const { trust, ledgerSigners } = this.#parts;
    const text = formatCheckpoint({ origin: trust.origin, size, root: Buffer.from(root, 'base64') });
    const note = formatNote(
      text,
      ledgerSigners.map((signer) => signNoteLine(text, signer)),
    );
    openCheckpoint(note, { origin: trust.origin, verifiers: trust.ledgerVerifiers, required: ledgerSigners.length });
    // Remembered before it is shown: a crash here leaves a head that no one saw, which the next one extends.
    if (size > this.#state.last.size) this.#state.remember({ size, root });
    return { note };
  }

  #requireExtension(head: TreeHead & { proof: string[] }): void {
    if (this.#state.last.size === 0) return;
    const consistent = verifyConsistency({
      oldSize: this.#state.last.size,
      oldRoot: Buffer.from(this.#state.last.root, 'base64'),
      newSize: head.size,
      newRoot: Buffer.from(head.root, 'base64'),
      proof: head.proof.map((hash) => Buffer.from(hash, 'base64')),
    });
    if (consistent) return;
    throw new DomainError(
      'ledger-inconsistent',
      `The ledger of ${head.size} entries does not extend the ${this.#state.last.size} entries that were signed: it was cut, restored or changed.`,
    );
  }

  async signRelease(request: ReleaseRequest): Promise<SignedRelease> {
    const { trust, routes, releaseKey, cms, clock } = this.#parts;
    const tree = openCheckpoint(request.checkpoint, {
      origin: trust.origin,
      verifiers: trust.ledgerVerifiers,
      required: 2,
    });
    if (tree.size > this.#state.last.size)
      throw new DomainError('not-verified', 'The checkpoint is not one that this signer signed.');
    const now = clock();
    if (Math.abs(Date.parse(request.statement.predicate.time) - now) > clockToleranceMs) {
      throw new DomainError(
        'not-verified',
        `The release says ${request.statement.predicate.time}, the signer's clock ${rfc3339(now)}.`,
      );
    }
    const manifest = verifyReleaseStatement(request.statement, {
      submitted: expectType(openProvenEvent(request.submitted, tree), 'package.submitted'),
      approvals: request.approvals.map((e) => expectType(openProvenEvent(e, tree), 'approval.given')),
      people: request.people.map((e) => expectPeopleEntry(openProvenEvent(e, tree))),
      previous: request.previous && {
        issued: expectType(openProvenEvent(request.previous.issued, tree), 'release.issued'),
        submitted: expectType(openProvenEvent(request.previous.submitted, tree), 'package.submitted'),
      },
      routes,
      trust,
      issuedAt: undefined,
    });

    const artefacts = manifest.files.map((file, at) => ({ ...file, path: request.artefacts[at] ?? '' }));
    return signReleased(request.statement, artefacts, { releaseKey, cms, trust, timeMs: now });
  }
}
