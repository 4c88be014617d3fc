import { z } from 'zod';

const words = z.array(z.string());

/** Every word of the closed lists that people choose from. */
export const Vocabulary = z.strictObject({
  ...{ roles: words, actions: words, fileRoles: words, assurances: words, channels: words },
  ...{ jurisdictions: words, distributionStatements: words, countries: words },
  /** 22 CFR 121.1: a category with the letters of its paragraphs. */
  usml: z.array(z.strictObject({ category: z.string(), paragraphs: words })),
  /** 32 CFR 2002: categories, and limited dissemination controls. */
  cui: z.strictObject({ categories: words, controls: words }),
});
export type Vocabulary = z.infer<typeof Vocabulary>;
