import { DomainError } from '../../domain/errors.ts';
import { rulesInForce } from '../rules-in-force.ts';
import type { ChangeRules } from './rules.ts';

export const ruleSetRules: ChangeRules<'policy.set'> = {
  'policy.set': ({ policySet, routes }, { standing }) => {
    const inForce = rulesInForce(standing.rules);
    if (inForce?.policySet === policySet && inForce.routes === routes)
      throw new DomainError('conflict', 'These rules and routes are in force already.');
  },
};
