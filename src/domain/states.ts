/**
 * State machines as data: the services obey them, screens show why a button is off.
 * `package`: submitted -> approved (route complete, waiting for the signer) -> released | refused | withdrawn | replaced.
 */
/** `proposed`: a machine's own edit that waits for a programmer to take it up, or for quality to reject it. */
export const depositStates = ['received', 'inspected', 'admitted', 'rejected', 'proposed'] as const;
export type DepositState = (typeof depositStates)[number];

export const packageStates = ['submitted', 'released', 'refused', 'withdrawn', 'replaced'] as const;
export type PackageState = (typeof packageStates)[number];

/** As policy sees a package: `new` while it is only asked about; `in-force` is the one state that machines may be sent. */
export const resourceStates = ['new', 'open', 'in-force', 'superseded', 'withdrawn', 'refused', 'replaced'] as const;
export type ResourceState = (typeof resourceStates)[number];

export const releaseStates = ['in-force', 'superseded', 'withdrawn'] as const;
export type ReleaseState = (typeof releaseStates)[number];

export const retrievalStates = ['started', 'received', 'failed'] as const;
export type RetrievalState = (typeof retrievalStates)[number];

export const deliveryStates = ['started', 'completed', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export type PackageAct = 'approve' | 'refuse' | 'release' | 'withdraw';
const allowed: Record<PackageAct, readonly PackageState[]> = {
  approve: ['submitted'],
  refuse: ['submitted'],
  release: ['submitted'],
  withdraw: ['submitted', 'released'],
};

/** Why `act` is not possible on a package in `state`, as a sentence, or undefined when it is. */
export function disabledReason(act: PackageAct, state: PackageState): string | undefined {
  if (allowed[act].includes(state)) return undefined;
  return `The package is ${state}; only a package that is ${allowed[act].join(' or ')} can be used for "${act}".`;
}
