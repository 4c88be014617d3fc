import { z } from 'zod';

/**
 * The paragraphs of each category of the United States Munitions List (22 CFR 121.1) that are not reserved; `x` is for
 * items of the Commerce list that an article is shipped with (120.5(b)). As known in November 2026, without the text of the
 * Code at hand: compare it before use. A paragraph in doubt stands here, since rules ask for the jurisdiction alone: one too
 * many opens nothing, one too few keeps honest deposits out. Entries are added when the list changes and never taken
 * out: labels of the past must still be read.
 */
const paragraphs: Readonly<Record<string, string>> = {
  I: 'abcdeghix',
  II: 'abcdejkx',
  III: 'abcdex',
  IV: 'abcdghix',
  V: 'abcdefgijx',
  VI: 'abcefgx',
  VII: 'abceghx',
  VIII: 'adfhix',
  IX: 'abcdex',
  X: 'abcdex',
  XI: 'abcdx',
  XII: 'abcdefx',
  XIII: 'abcdefghijklx',
  XIV: 'abcdefghijklmnx',
  XV: 'abcdefx',
  XVI: 'abcdex',
  XVII: 'abx',
  XVIII: 'abcdefgx',
  XIX: 'abcdefgx',
  XX: 'abcdx',
  XXI: 'abx',
};

/** Category, paragraph and as many levels below as the list has: `XI(a)(3)(ii)(A)`. */
const form = /^([IVX]{1,5})\(([a-z])\)(\([1-9][0-9]?\)(\([ivx]{1,6}\)(\([A-Z]\))?)?)?$/;

export const UsmlCategory = z.string().refine((text) => {
  const [, category = '', paragraph = ''] = form.exec(text) ?? [];
  return paragraph !== '' && (paragraphs[category]?.includes(paragraph) ?? false);
}, 'must be a category and paragraph of the USML such as VIII(h)');
export type UsmlCategory = z.infer<typeof UsmlCategory>;

/** Every category with the letters of its paragraphs, for whoever lets people choose. */
export const usmlCategories = Object.entries(paragraphs).map(([category, letters]) => ({
  category,
  paragraphs: [...letters],
}));
