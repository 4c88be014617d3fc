import { z } from 'zod';
import { limits } from './limits.ts';

/** C0, DEL, C1, line and paragraph separators, bidirectional controls and zero-width characters. */
const forbidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** One line of human text: NFC, no control, bidirectional or invisible characters, not blank, bounded. */
export const Text = z
  .string()
  .min(1)
  .max(limits.textChars)
  .refine((value) => !forbidden.test(value), 'has a control or invisible character')
  .refine((value) => value.normalize('NFC') === value, 'is not in Unicode form NFC')
  .refine((value) => value.trim() === value && value !== '', 'starts or ends with a space');

export const ShortText = Text.max(limits.shortTextChars);

/**
 * The name of one file: no separators, no leading dot, no trailing dot or space, nothing Windows or an old control
 * cannot hold. Bytes, not characters, are bounded.
 */
export const FileName = ShortText.refine((name) => !/[/\\:*?"<>|]/.test(name), 'has one of / \\ : * ? " < > |')
  .refine((name) => !name.startsWith('.') && !/[. ]$/.test(name), 'starts with a dot or ends with a dot or a space')
  .refine((name) => Buffer.byteLength(name) <= limits.fileNameBytes, `is longer than ${limits.fileNameBytes} bytes`);
export type FileName = z.infer<typeof FileName>;

/** Words such as a part number that become one level of a path on the shelf. */
export const PathWord = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/, 'must be letters, digits, . _ + - (64 at most), first a letter or digit')
  .refine((word) => !word.endsWith('.'), 'ends with a dot');
