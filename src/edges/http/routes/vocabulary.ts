import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { distributionStatements, jurisdictions } from '../../../domain/classification.ts';
import { countries } from '../../../domain/countries.ts';
import { cuiWords } from '../../../domain/cui.ts';
import { actions } from '../../../domain/decisions.ts';
import { DoorChannel } from '../../../domain/doors.ts';
import { fileRoles } from '../../../domain/manifest.ts';
import { assurances, personRoles } from '../../../domain/people.ts';
import { usmlCategories } from '../../../domain/usml.ts';
import { Vocabulary } from '../contract/vocabulary.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

/** The words that forms offer, so that nobody types them from memory: each list is the one that inputs are held to. */
export function vocabularyRoutes(app: FastifyInstance): void {
  defineRoute(app, {
    method: 'GET',
    url: '/vocabulary',
    id: 'vocabulary',
    usedBy: 'screens',
    summary: 'Lists the words of export control, CUI, roles and acts that are known here.',
    access: { to: 'authenticated' },
    params: nothing,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: Vocabulary,
    handler: () => vocabulary,
  });
}

const vocabulary: z.input<typeof Vocabulary> = {
  roles: [...personRoles],
  actions: [...actions],
  fileRoles: [...fileRoles],
  assurances: [...assurances],
  channels: [...DoorChannel.options],
  jurisdictions: [...jurisdictions],
  distributionStatements: [...distributionStatements],
  countries: [...countries],
  usml: usmlCategories,
  cui: { categories: [...cuiWords.categories], controls: [...cuiWords.controls] },
};
