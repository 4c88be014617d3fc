import type { Standing } from '../../catalog/standing.ts';
import type { ChangeKind, ChangeOf } from '../../domain/changes.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { ChangeTrust } from '../../signing/change.ts';

export type ChangeContext = { standing: Standing; trust: ChangeTrust; timeMs: number };
/** `signers`: the human beings whose signatures it has so far. */
export type SignedContext = ChangeContext & { signers: readonly PersonId[] };

/**
 * What stands against a change when it is to be made: throws the refusal. It is asked inside the ledger's decision, so
 * that nothing changes between the answer and the entry; and when a change is proposed, so that nobody signs in vain.
 */
export type ChangeRules<K extends ChangeKind> = {
  [Kind in K]: (change: ChangeOf<Kind>, context: SignedContext) => void;
};
