import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Decision } from '../../../domain/decisions.ts';
import type { WhatIfFound } from '../../../services/what-if-task.ts';
import { assertionOf, requestOptions } from '../assertion.ts';
import {
  AskChange,
  AskWhatIf,
  ChangeAsked,
  FinishChange,
  RulesView,
  StorageView,
  WhatIfView,
  WitnessList,
} from '../contract/administration.ts';
import { ChangeAnswer } from '../contract/changes.ts';
import { MachinePassword, PasswordHashed } from '../contract/registry.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

type Parts = Pick<HttpParts, 'changes' | 'changeStatements' | 'house' | 'passkeys' | 'whatIf'>;

/** Two-person changes signed in a browser, and how the gateway itself does. */
export function administrationRoutes(app: FastifyInstance, parts: Parts): void {
  const { changes, changeStatements, house, passkeys, whatIf } = parts;
  const act = { method: 'POST', usedBy: 'screens', params: nothing, query: nothing } as const;
  const plain = { params: nothing, query: nothing, body: noBody, statuses: [200] } as const;
  const read = { ...plain, method: 'GET', usedBy: 'screens', access: { to: 'administer' } } as const;

  defineRoute(app, {
    ...act,
    url: '/changes/options',
    id: 'askChange',
    summary: 'Gives the exact statement of a change that the asker signs by passkey: a new one, or one that waits.',
    access: { to: 'authenticated' },
    body: AskChange,
    statuses: [200],
    response: ChangeAsked,
    handler: ({ asker, body }) => {
      const { person, payload, said } = changeStatements.change(asker, body);
      const publicKey = requestOptions(passkeys.assertionRequest(person, payload));
      return { person, said, payload: payload.toString('base64'), publicKey };
    },
  });

  defineRoute(app, {
    ...act,
    url: '/changes/passkey',
    id: 'changeByPasskey',
    summary: 'Makes a change that a passkey signed, or lets it wait for the others.',
    access: { to: 'authenticated' },
    body: FinishChange,
    statuses: [201],
    response: ChangeAnswer,
    handler: async ({ asker, body }) => {
      const envelope = passkeys.envelope(Buffer.from(body.payload, 'base64'), assertionOf(body.credential));
      const outcome = await changes.submit(asker, envelope);
      return outcome.state === 'made' ? outcome : { ...outcome, signers: [...outcome.signers] };
    },
  });

  defineRoute(app, {
    ...act,
    url: '/machines/password',
    id: 'hashMachinePassword',
    holdsSecret: true,
    summary: 'Gives the hash of a password that a machine will log in with; nothing is kept.',
    access: { to: 'administer' },
    body: MachinePassword,
    statuses: [200],
    response: PasswordHashed,
    handler: async ({ asker, body }) => ({ hash: await changeStatements.hashed(asker, body.password) }),
  });

  defineRoute(app, {
    ...read,
    url: '/storage',
    id: 'storage',
    summary: 'What the ledger, the catalogue and the vault take, and what is left.',
    response: StorageView,
    handler: ({ asker }) => house.storage(asker),
  });

  defineRoute(app, {
    ...read,
    access: { to: 'read-ledger' },
    url: '/witnesses',
    id: 'witnesses',
    summary: 'How far each witness has cosigned, or why it does not.',
    response: WitnessList,
    handler: ({ asker }) => house.witnesses(asker),
  });

  defineRoute(app, {
    ...read,
    url: '/policy',
    id: 'rules',
    summary: 'The rules and routes in force, and how they decide the table of cases.',
    response: RulesView,
    handler: ({ asker }) => {
      const { cases, ...rules } = house.rules(asker);
      if (!cases) return rules;
      const decided = cases.map(({ case: name, expected, decision, good }) => {
        const { verdict, policies } = decision;
        return { case: name, expected, verdict, good, policies: [...policies] };
      });
      return { ...rules, cases: decided };
    },
  });

  defineRoute(app, {
    ...act,
    url: '/policy/what-if',
    id: 'whatIf',
    summary: 'Which decisions of the past would be others, were this file among the rules.',
    access: { to: 'administer' },
    body: AskWhatIf,
    statuses: [200],
    response: WhatIfView,
    handler: async ({ asker, body }) => whatIfView(await whatIf.ask(asker, body)),
  });
}

function whatIfView({ differences, cases, ...found }: WhatIfFound): z.input<typeof WhatIfView> {
  const because = ({ verdict, policies, reasons }: Decision) => ({
    ...{ verdict, policies: [...policies], reasons: [...reasons] },
  });
  return {
    ...found,
    differences: differences.map(({ index, time, who, recorded, now }) => ({
      ...{ index, time, who, action: recorded.action, was: because(recorded), now: because(now) },
    })),
    ...(cases ? { cases } : {}),
  };
}
