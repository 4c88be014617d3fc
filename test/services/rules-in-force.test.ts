import { describe, expect, test } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { requireSignedRules } from '../../src/services/rules-in-force.ts';

const rules = (policy: string, routes = 'routes') => ({ policySet: digestOf(policy), routes: digestOf(routes) });
const known = (inForce: ReturnType<typeof rules> | undefined, signed?: ReturnType<typeof rules>) => ({
  configured: inForce && {
    policySet: inForce.policySet as Digest,
    routes: { version: inForce.routes as Digest, text: 'routes: []' },
  },
  authorised: signed,
});
const refused = expect.objectContaining({ code: 'config-invalid' });

describe('a start in production', () => {
  test('takes the first rules of all as they are', () => {
    expect(() => requireSignedRules(rules('first'), known(undefined))).not.toThrow();
  });

  test('goes on with those in force', () => {
    expect(() => requireSignedRules(rules('one'), known(rules('one')))).not.toThrow();
  });

  test.each([
    ['rules', rules('two')],
    ['routes', rules('one', 'other routes')],
  ])('refuses other %s that nobody signed', (_, onDisk) => {
    expect(() => requireSignedRules(onDisk, known(rules('one')))).toThrow(refused);
  });

  test('takes up what was signed, and that alone', () => {
    expect(() => requireSignedRules(rules('two'), known(rules('one'), rules('two')))).not.toThrow();
    expect(() => requireSignedRules(rules('two', 'other routes'), known(rules('one'), rules('two')))).toThrow(refused);
  });

  test('refuses an older set that was in force once, and one whose signature a later one took the place of', () => {
    expect(() => requireSignedRules(rules('one'), known(rules('two'), rules('two')))).toThrow(refused);
    expect(() => requireSignedRules(rules('two'), known(rules('one'), rules('three')))).toThrow(refused);
  });
});
