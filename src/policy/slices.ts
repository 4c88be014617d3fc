import { type ActionConstraint, schemaToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type Action, actions } from '../domain/decisions.ts';

/** The actions that a rule's scope names; undefined where it is about every action. */
export function namedActions(scope: ActionConstraint): readonly string[] | undefined {
  if (scope.op === 'All') return undefined;
  const named = 'entities' in scope ? scope.entities : 'entity' in scope ? [scope.entity] : [];
  return named.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id));
}

/**
 * The rules whose scope an action can meet: the others could neither permit nor forbid it, and leaving them out halves
 * the work of a decision. What an action is a member of counts as named.
 */
export function rulesByAction<R extends { actions: readonly string[] | undefined }>(
  schema: string,
  rules: readonly R[],
): ReadonlyMap<Action, readonly R[]> {
  const parsed = schemaToJson(schema);
  const declared = parsed.type === 'success' ? (parsed.json['']?.actions ?? {}) : {};
  const withGroups = (name: string): string[] => [
    name,
    ...(declared[name]?.memberOf ?? []).flatMap(({ id }) => withGroups(id)),
  ];
  return new Map(
    actions.map((action) => {
      const names = withGroups(action);
      return [action, rules.filter((rule) => rule.actions?.some((name) => names.includes(name)) ?? true)];
    }),
  );
}
