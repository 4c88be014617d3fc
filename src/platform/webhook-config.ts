import { z } from 'zod';

/** Plain HTTP only on this computer: what goes further is read by whoever stands between. */
export const WebhookTarget = z.strictObject({
  url: z
    .string()
    .max(500)
    .regex(
      /^(https:\/\/[^\s?#@]+|http:\/\/(127\.0\.0\.1|localhost)(:[0-9]+)?(\/[^\s?#@]*)?)$/,
      'must be an https URL without query',
    ),
  networks: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .min(1)
    .max(16),
});
