const looked = 4096;

const byExtension: readonly [RegExp, string][] = [
  [/\.(mpf|spf)$/i, 'Siemens 840D'],
  [/\.(h|i)$/i, 'Heidenhain'],
  [/\.min$/i, 'Okuma OSP'],
];

/** About the first line that is not blank. */
const byFirstLine: readonly [RegExp, string][] = [
  [/^\d*\s*BEGIN\s+PGM\b/i, 'Heidenhain Klartext'],
  [/^%\S+\s+G7[01]\b/i, 'Heidenhain DIN/ISO'],
  [/^\$/, 'Okuma OSP'],
  [/^(%_N_|;\s*\$PATH)/i, 'Siemens 840D'],
];

/** The language that a program's name or first line shows where it is not ISO, for a person; undefined otherwise. */
export function foreignDialect(name: string, bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, looked)).toString('latin1');
  const first = head.trimStart().split(/[\r\n]/, 1)[0] ?? '';
  const found =
    byFirstLine.find(([pattern]) => pattern.test(first)) ?? byExtension.find(([pattern]) => pattern.test(name));
  return found?.[1];
}
