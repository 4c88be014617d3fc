import type { TrustedKeys } from './verify-checkpoint.ts';

/** Why these keys are believed: what a gateway says of itself proves nothing to whoever does not trust it. */
export type Believed = { keys: TrustedKeys; why: 'file' | 'gateway' | 'seen' | 'changed'; since?: string };

type Kept = { vkeys: string; since: string };
type Store = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * The keys that a gateway names, beside those that this browser saw first for this ledger. New pairs come with a rotation; a
 * pair that is gone, or another one in its place, is said.
 */
export function believeGateway(keys: TrustedKeys, storage: Store, now: Date): Believed {
  const name = `keyway.ledger-keys.${keys.origin}`;
  const kept = readKept(storage.getItem(name));
  const vkeys = keys.ledgerKeys.map((pair) => pair.vkeys.join(' '));
  if (!kept) {
    storage.setItem(name, JSON.stringify({ vkeys: vkeys.join('\n'), since: now.toISOString() } satisfies Kept));
    return { keys, why: 'gateway' };
  }
  const isSame = kept.vkeys.split('\n').every((pair) => vkeys.includes(pair));
  return { keys, why: isSame ? 'seen' : 'changed', since: kept.since };
}

function readKept(text: string | null): Kept | undefined {
  try {
    const kept = JSON.parse(text ?? 'null') as Partial<Kept> | null;
    return typeof kept?.vkeys === 'string' && typeof kept.since === 'string' ? (kept as Kept) : undefined;
  } catch {
    return undefined;
  }
}

/** The ledger's keys of a trust file. Undefined for any other text. Who signed the file is for whoever handed it over. */
export function readTrustFile(text: string): Omit<TrustedKeys, 'witnesses'> | undefined {
  try {
    const { root } = JSON.parse(text) as { root?: { origin?: unknown; ledgerKeys?: unknown } };
    if (typeof root?.origin !== 'string' || !Array.isArray(root.ledgerKeys) || root.ledgerKeys.length === 0)
      return undefined;
    return root.ledgerKeys.every(isPair) ? { origin: root.origin, ledgerKeys: root.ledgerKeys } : undefined;
  } catch {
    return undefined;
  }
}

const isPair = (pair: unknown): pair is TrustedKeys['ledgerKeys'][number] => {
  const { vkeys, until } = (pair ?? {}) as { vkeys?: unknown; until?: unknown };
  const isList = Array.isArray(vkeys) && vkeys.length === 2 && vkeys.every((one) => typeof one === 'string');
  return isList && (until === undefined || typeof until === 'string');
};
