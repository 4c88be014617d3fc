/** Printable ASCII without the backslash: every character stands for itself, in the text and in what is hashed. */
const plain = /^[\x20-\x5b\x5d-\x7e]*$/;
/** Deeper than any event. */
const deepest = 32;
/** Any whole number of so many digits is safe, and RFC 8785 3.2.2.3 writes it as it stands. */
const mostDigits = 15;

const [quote, comma, colon, zero, nine] = [0x22, 0x2c, 0x3a, 0x30, 0x39];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What is read, and how far: module variables, as millions of texts are read and each is read at once. */
let text = '';
let at = 0;

/**
 * Whether this is RFC 8785 canonical JSON of the plainest kind: printable ASCII without escapes, whole numbers of at most
 * 15 digits. True is proof; false says nothing, and the exact comparison decides. Several times as fast as parsing and
 * writing again, as it makes nothing.
 */
export function isPlainCanonicalJson(json: string): boolean {
  if (!plain.test(json)) return false;
  text = json;
  at = 0;
  return passValue(0) && at === json.length;
}

function passValue(depth: number): boolean {
  const code = text.charCodeAt(at);
  if (code === quote) return passString();
  if (code === openBrace) return depth < deepest && passObject(depth);
  if (code === openBracket) return depth < deepest && passArray(depth);
  if (code >= zero && code <= nine) return passWhole();
  return passWord('true') || passWord('false') || passWord('null');
}

function passString(): boolean {
  if (text.charCodeAt(at) !== quote) return false;
  const end = text.indexOf('"', at + 1);
  at = end + 1;
  return end >= 0;
}

function passWord(word: string): boolean {
  if (!text.startsWith(word, at)) return false;
  at += word.length;
  return true;
}

function passWhole(): boolean {
  const start = at;
  while (text.charCodeAt(at) >= zero && text.charCodeAt(at) <= nine) at += 1;
  const digits = at - start;
  return digits === 1 || (digits <= mostDigits && text.charCodeAt(start) !== zero);
}

function passArray(depth: number): boolean {
  at += 1;
  if (passMark(closeBracket)) return true;
  do {
    if (!passValue(depth + 1)) return false;
  } while (passMark(comma));
  return passMark(closeBracket);
}

function passObject(depth: number): boolean {
  at += 1;
  if (passMark(closeBrace)) return true;
  let [before, beforeEnd] = [0, 0];
  do {
    const key = at;
    if (!passString()) return false;
    const keyEnd = at;
    if (before > 0 && !isKeyAfter(before, beforeEnd, key, keyEnd)) return false;
    [before, beforeEnd] = [key, keyEnd];
    if (!passMark(colon) || !passValue(depth + 1)) return false;
  } while (passMark(comma));
  return passMark(closeBrace);
}

function passMark(code: number): boolean {
  if (text.charCodeAt(at) !== code) return false;
  at += 1;
  return true;
}

/** RFC 8785 3.2.3, over both keys with their quotes. */
function isKeyAfter(one: number, oneEnd: number, other: number, otherEnd: number): boolean {
  const [oneLength, otherLength] = [oneEnd - one - 1, otherEnd - other - 1];
  const shorter = Math.min(oneLength, otherLength);
  for (let n = 1; n < shorter; n += 1) {
    const difference = text.charCodeAt(other + n) - text.charCodeAt(one + n);
    if (difference !== 0) return difference > 0;
  }
  return otherLength > oneLength;
}
