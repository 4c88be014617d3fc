import type { PersonRole } from './people.ts';

const working: readonly PersonRole[] = [
  'programmer',
  'manufacturing-engineer',
  'quality',
  'export-compliance',
  'operator',
];
const everyOther = (role: PersonRole) => (other: PersonRole) => other !== role;

/**
 * The separation of duties as data (NIST SP 800-171r2 3.1.4): which roles one human being may not hold together. That
 * nobody approves what they wrote is no matter of roles; the approval route sees to it.
 */
const apart: readonly { role: PersonRole; from: (other: PersonRole) => boolean; why: string }[] = [
  {
    role: 'administrator',
    from: (other) => working.includes(other),
    why: 'an administrator neither makes, approves nor runs programs and sees no technical data',
  },
  { role: 'auditor', from: everyOther('auditor'), why: 'an auditor only reads' },
];

/** Why these roles may not be held by one human being, as a sentence, or undefined when they may. */
export function dutiesConflict(roles: Iterable<PersonRole>): string | undefined {
  const held = [...new Set(roles)];
  for (const { role, from, why } of apart) {
    const other = held.includes(role) ? held.find(from) : undefined;
    if (other) return `The roles ${role} and ${other} may not be held by one person: ${why}.`;
  }
  return undefined;
}
