import { z } from 'zod';
import { PersonId } from '../../../domain/ids.ts';
import { Text } from '../../../domain/text.ts';

export const OneAccount = z.strictObject({ person: PersonId });
export const Because = z.strictObject({ reason: Text });
export const NewBadge = z.strictObject({
  badge: z.string().regex(/^[A-Za-z0-9-]{4,64}$/),
  pin: z.string().regex(/^[0-9]{6,12}$/),
});
