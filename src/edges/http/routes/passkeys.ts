import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DepositId, PackageId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { assertionOf, requestOptions } from '../assertion.ts';
import { WaiverAnswer } from '../contract/deposits.ts';
import { ApprovalAnswer } from '../contract/packages.ts';
import {
  ApprovalAsked,
  AskApproval,
  AskRegistration,
  AskWaiver,
  FinishApproval,
  FinishRegistration,
  PasskeyMade,
  RegistrationAsked,
} from '../contract/passkeys.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, nothing } from '../route.ts';
import { waiverAnswer } from './deposits.ts';
import { recordApproval } from './releases.ts';

type PasskeyRouteParts = Parameters<typeof recordApproval>[0] &
  Pick<HttpParts, 'passkeys' | 'statements' | 'waivers' | 'waiverStatements'>;

/** The two ceremonies of WebAuthn, each a question and an answer. */
export function passkeyRoutes(app: FastifyInstance, parts: PasskeyRouteParts): void {
  const { passkeys, statements, waivers, waiverStatements } = parts;

  defineRoute(app, {
    method: 'POST',
    url: '/passkeys/options',
    id: 'askPasskey',
    summary: 'Begins the registration of a passkey for a person.',
    access: { to: 'authenticated', fresh: true },
    params: nothing,
    query: nothing,
    body: AskRegistration,
    statuses: [200],
    response: RegistrationAsked,
    handler: ({ asker, body }) => ({ publicKey: creationOptions(passkeys.registrationRequest(asker, body.person)) }),
  });

  defineRoute(app, {
    method: 'POST',
    url: '/passkeys',
    id: 'registerPasskey',
    summary: 'Checks a new passkey and gives its public key, for administrators to enrol.',
    access: { to: 'authenticated' },
    params: nothing,
    query: nothing,
    body: FinishRegistration,
    statuses: [200],
    response: PasskeyMade,
    handler: ({ body: { person, credential } }) => ({
      key: passkeys.registered(person, credential.id, {
        clientDataJSON: bytes(credential.response.clientDataJSON),
        attestationObject: bytes(credential.response.attestationObject),
      }),
    }),
  });

  defineRoute(app, {
    method: 'POST',
    url: '/packages/:packageId/approvals/options',
    id: 'askApproval',
    summary: 'Gives the statement that an approval or refusal by passkey signs.',
    access: { to: 'approve-as' },
    params: z.strictObject({ packageId: PackageId }),
    query: nothing,
    body: AskApproval,
    statuses: [200],
    response: ApprovalAsked,
    handler: async ({ asker, params, body }) => {
      const payload = await statements.approval(asker, params.packageId, body);
      return {
        payload: payload.toString('base64'),
        publicKey: requestOptions(passkeys.assertionRequest(body.person, payload)),
      };
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/packages/:packageId/approvals/passkey',
    id: 'approveByPasskey',
    summary: 'Records an approval or refusal that a passkey signed, and releases once the route is complete.',
    access: { to: 'approve-as' },
    params: z.strictObject({ packageId: PackageId }),
    query: nothing,
    body: FinishApproval,
    statuses: [201],
    response: ApprovalAnswer,
    handler: ({ asker, params, body }) => {
      const envelope = passkeys.envelope(Buffer.from(body.payload, 'base64'), assertionOf(body.credential));
      return recordApproval(parts, asker, params.packageId, envelope);
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/deposits/:depositId/waivers/options',
    id: 'askWaiver',
    usedBy: 'screens',
    summary: 'Gives the statement that a waiver by passkey signs.',
    access: { to: 'approve-as' },
    params: z.strictObject({ depositId: DepositId }),
    query: nothing,
    body: AskWaiver,
    statuses: [200],
    response: ApprovalAsked,
    handler: async ({ asker, params, body }) => {
      const { person, payload } = await waiverStatements.waiver(asker, params.depositId, body);
      const publicKey = requestOptions(passkeys.assertionRequest(person, payload));
      return { payload: payload.toString('base64'), publicKey };
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/deposits/:depositId/waivers/passkey',
    id: 'waiveByPasskey',
    usedBy: 'screens',
    summary: 'Records a waiver that a passkey signed, and looks at the deposit again.',
    access: { to: 'approve-as' },
    params: z.strictObject({ depositId: DepositId }),
    query: nothing,
    body: FinishApproval,
    statuses: [201],
    response: WaiverAnswer,
    handler: async ({ asker, params: { depositId }, body }) => {
      const envelope = passkeys.envelope(Buffer.from(body.payload, 'base64'), assertionOf(body.credential));
      return waiverAnswer(depositId, await waivers.waive(asker, depositId, envelope));
    },
  });
}

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
const descriptor = (id: string) => ({ type: 'public-key' as const, id });

function creationOptions(request: ReturnType<HttpParts['passkeys']['registrationRequest']>) {
  const { person, challenge, rpId, known } = request;
  return {
    challenge,
    rp: { id: rpId, name: 'Keyway' },
    // No name in it: it is kept by the authenticator and shown to nobody (WebAuthn Level 3, 14.6.1).
    user: { id: hash('sha256', person, 'base64url'), name: person, displayName: person },
    pubKeyCredParams: [{ type: 'public-key' as const, alg: -7 as const }],
    timeout: limits.passkeyCeremonyMs,
    excludeCredentials: known.map(descriptor),
    authenticatorSelection: { userVerification: 'required' as const, residentKey: 'required' as const },
    attestation: 'none' as const,
  };
}
