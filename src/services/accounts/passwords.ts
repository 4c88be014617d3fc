import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';

/** What long passwords that are no secret are put together from, beside the names of whoever chooses them. */
const common = [
  ...[
    'password',
    'passwort',
    'motdepasse',
    'secret',
    'letmein',
    'welcome',
    'admin',
    'administrator',
    'login',
    'master',
  ],
  ...['iloveyou', 'monkey', 'dragon', 'football', 'baseball', 'princess', 'sunshine', 'superman', 'batman', 'trustno'],
  ...['qwerty', 'qwertz', 'azerty', 'uiop', 'asdf', 'ghjkl', 'zxcv', 'yxcv', 'bnm', 'abcd', 'efgh', 'ijkl', 'mnop'],
  ...['spring', 'summer', 'autumn', 'winter', 'january', 'september', 'october', 'november', 'december', 'monday'],
  ...[
    'keyway',
    'changeme',
    'default',
    'test',
    'user',
    'guest',
    'company',
    'machine',
    'operator',
    'quality',
    'fanuc',
    'haas',
  ],
];
/** Letters that must be left when all of that is taken out, and how many different ones. */
const leastOwnLetters = 6;
const leastDifferent = 6;

/**
 * Long enough, and not made of what everybody would try (NIST SP 800-63B-4 3.1.1.2): no rule about kinds of characters.
 * `own`: words of this person and place. Throws `request-invalid` with what to do.
 */
export function requireGoodPassword(password: string, own: readonly string[]): void {
  const text = password.normalize('NFC');
  const length = [...text].length;
  if (length < limits.signInPasswordLeastChars)
    throw refused(`needs ${limits.signInPasswordLeastChars} characters or more: some words that you remember are best`);
  if (length > limits.signInPasswordMostChars)
    throw refused(`has more than ${limits.signInPasswordMostChars} characters`);
  const letters = text.toLowerCase().replace(/[^\p{L}]/gu, '');
  const words = [...common, ...own.flatMap((one) => one.toLowerCase().split(/[^\p{L}]+/u))].filter(
    (word) => word.length > 2,
  );
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), letters);
  if (new Set(text.toLowerCase()).size < leastDifferent || rest.length < leastOwnLetters)
    throw refused('is too easy to guess: leave out names, seasons, rows of keys and repetitions');
}

/** Throws `request-invalid` for a PIN that is a row or one digit. */
export function requireGoodPin(pin: string): void {
  const steps = new Set([...pin].slice(1).map((digit, at) => (Number(digit) - Number(pin[at]) + 10) % 10));
  if (pin.length >= limits.pinLeastDigits && steps.size > 1) return;
  throw new DomainError(
    'request-invalid',
    `The PIN needs ${limits.pinLeastDigits} digits or more that are neither all the same nor in a row.`,
    { field: 'pin' },
  );
}

const refused = (why: string) => new DomainError('request-invalid', `The password ${why}.`, { field: 'password' });
