import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/edges/http/app.ts';
import { GatewayClient } from '../../../src/edges/http/client.ts';
import { fakeParts } from './http-door.ts';

type Operation = {
  operationId: string;
  'x-keyway-access': string;
  'x-keyway-used-by'?: string;
  security?: unknown[];
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema?: object }> };
  responses: Record<string, { content: Record<string, { schema?: object }> }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, object>;
};

const folder = mkdtempSync(join(tmpdir(), 'keyway-openapi-'));
const app = buildApp(fakeParts(folder), { kind: 'socket' });
afterAll(() => rmSync(folder, { recursive: true }));

const document = JSON.parse((await app.inject({ url: '/openapi.json' })).body) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

describe('the description of the API', () => {
  it('is OpenAPI 3.1 and has every route with the act that policy is asked about', () => {
    expect(document.openapi).toBe('3.1.0');
    const listed = operations.map(({ method, path, operation }) => `${method} ${path} ${operation['x-keyway-access']}`);
    expect(listed.sort()).toMatchInlineSnapshot(`
      [
        "DELETE /session authenticated",
        "GET /accounts administer",
        "GET /alarms read-ledger",
        "GET /api-keys authenticated",
        "GET /authorizations administer",
        "GET /break-glass read-ledger",
        "GET /changes administer",
        "GET /deposits view",
        "GET /deposits/kept-back view",
        "GET /deposits/{depositId} view",
        "GET /deposits/{depositId}/waivers view",
        "GET /events authenticated",
        "GET /floor authenticated",
        "GET /health anyone",
        "GET /inventory administer",
        "GET /ledger read-ledger",
        "GET /ledger/checkpoint read-ledger",
        "GET /ledger/entries/{index} read-ledger",
        "GET /ledger/state authenticated",
        "GET /ledger/tile/{path} read-ledger",
        "GET /legal-holds view",
        "GET /machines administer",
        "GET /machines/{machineId}/documents/{releaseId}/{name} send",
        "GET /machines/{machineId}/holds view",
        "GET /machines/{machineId}/screen send",
        "GET /media send",
        "GET /media/{mediaId}/files/{name} send",
        "GET /media/{mediaId}/manifest send",
        "GET /monitors read-ledger",
        "GET /nonconformances read-ledger",
        "GET /openapi.json authenticated",
        "GET /packages view",
        "GET /packages/{packageId} view",
        "GET /packages/{packageId}/against compare",
        "GET /packages/{packageId}/difference compare",
        "GET /packages/{packageId}/difference/{name} compare",
        "GET /packages/{packageId}/files/{name} download",
        "GET /packages/{packageId}/files/{name}/before compare",
        "GET /packages/{packageId}/page view",
        "GET /packages/{packageId}/toolpath/{name} compare",
        "GET /people administer",
        "GET /people/proposed administer",
        "GET /people/{person}/holdings administer",
        "GET /policy administer",
        "GET /problems view",
        "GET /programs view",
        "GET /readbacks view",
        "GET /readbacks/{retrievalId} view",
        "GET /readbacks/{retrievalId}/difference compare",
        "GET /readbacks/{retrievalId}/file download",
        "GET /readbacks/{retrievalId}/text/{side} compare",
        "GET /readbacks/{retrievalId}/toolpath/{side} compare",
        "GET /ready anyone",
        "GET /releases view",
        "GET /releases/{releaseId}/exposure view",
        "GET /residue clear-residue",
        "GET /runs view",
        "GET /scim/v2/ResourceTypes provision",
        "GET /scim/v2/Schemas provision",
        "GET /scim/v2/ServiceProviderConfig provision",
        "GET /scim/v2/Users provision",
        "GET /scim/v2/Users/{id} provision",
        "GET /search view",
        "GET /sendings send",
        "GET /sendings/{sendingId} send",
        "GET /session authenticated",
        "GET /session/oidc anyone",
        "GET /session/oidc/callback anyone",
        "GET /session/passkey anyone",
        "GET /session/ways anyone",
        "GET /storage administer",
        "GET /trace view",
        "GET /trust authenticated",
        "GET /vocabulary authenticated",
        "GET /webhooks administer",
        "GET /witnesses read-ledger",
        "PATCH /scim/v2/Users/{id} provision",
        "POST /accounts/{person}/invite administer",
        "POST /accounts/{person}/restore administer",
        "POST /accounts/{person}/sign-out administer",
        "POST /accounts/{person}/suspend administer",
        "POST /api-keys authenticated",
        "POST /api-keys/{id}/revoke authenticated",
        "POST /changes authenticated",
        "POST /changes/options authenticated",
        "POST /changes/passkey authenticated",
        "POST /deposits submit",
        "POST /deposits/check submit",
        "POST /deposits/{depositId}/complete submit",
        "POST /deposits/{depositId}/waivers approve-as",
        "POST /deposits/{depositId}/waivers/options approve-as",
        "POST /deposits/{depositId}/waivers/passkey approve-as",
        "POST /evidence view",
        "POST /ledger/rebuild administer",
        "POST /legal-holds withdraw",
        "POST /machines/password administer",
        "POST /media send",
        "POST /media/{mediaId}/return send",
        "POST /media/{mediaId}/returned send",
        "POST /packages/{packageId}/approvals approve-as",
        "POST /packages/{packageId}/approvals/options approve-as",
        "POST /packages/{packageId}/approvals/passkey approve-as",
        "POST /packages/{packageId}/release view",
        "POST /packages/{packageId}/withdraw withdraw",
        "POST /passkeys authenticated",
        "POST /passkeys/options authenticated",
        "POST /policy/what-if administer",
        "POST /problems record-run",
        "POST /problems/{problemId}/resolve resolve-readback",
        "POST /readbacks/{retrievalId}/resolve resolve-readback",
        "POST /releases/{releaseId}/recall withdraw",
        "POST /releases/{releaseId}/withdraw withdraw",
        "POST /residue clear-residue",
        "POST /runs record-run",
        "POST /scim/v2/Users provision",
        "POST /sendings send",
        "POST /session anyone",
        "POST /session/again authenticated",
        "POST /session/passkey anyone",
        "POST /webhooks administer",
        "POST /webhooks/{webhookId}/remove administer",
        "PUT /accounts/{person}/badge administer",
        "PUT /deposits/{depositId}/files/{name} submit",
        "PUT /media/{mediaId}/files/{name} send",
        "PUT /scim/v2/Users/{id} provision",
        "PUT /session/password authenticated",
      ]
    `);
  });

  it('has no route less than the app', () => {
    const routes = app.printRoutes({ commonPrefix: false });
    const leaves = [...routes.matchAll(/\(([A-Z, ]+)\)/g)].flatMap((match) => (match[1] ?? '').split(', '));
    expect(leaves).toHaveLength(operations.length);
  });

  it('keeps no answer to an act that takes or shows a secret', () => {
    const kept = operations.filter(({ operation }) =>
      operation.parameters.some(({ name }) => name === 'Idempotency-Key'),
    );
    expect(kept.length).toBeGreaterThan(20);
    const secret = /"(secret|token|password|link|pin|badge)":/;
    const telling = ({ operation: { requestBody, responses } }: (typeof kept)[number]) =>
      secret.test(JSON.stringify([requestBody, responses]));
    // What an administrator signs of a machine holds the hash of its password, and goes into the ledger.
    expect(kept.filter(telling).map(({ path }) => path)).toEqual(['/changes/options']);
    expect(operations.filter(({ method }) => method === 'POST').filter(telling).length).toBeGreaterThan(3);
  });

  it('names every parameter of a path, and every operation once', () => {
    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(operation.parameters.filter((p) => p.in === 'path').map((p) => p.name)).toEqual(named);
      expect(operation.parameters.filter((p) => p.in === 'path').every((p) => p.required)).toBe(true);
    }
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says of every answer what it holds, and of every refusal that it is a problem', () => {
    for (const { operation } of operations) {
      const { default: refusal, ...answers } = operation.responses;
      expect(refusal?.content).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      });
      expect(Object.keys(answers)).not.toEqual([]);
      for (const { content } of Object.values(answers)) expect(Object.keys(content)).toHaveLength(1);
    }
  });

  it('leaves open to anyone what is open, and tells how to sign for the rest', () => {
    const open = operations.filter(({ operation }) => operation.security?.length === 0).map(({ path }) => path);
    expect([...new Set(open)].sort()).toEqual([
      ...['/health', '/ready'],
      ...['/session', '/session/oidc', '/session/oidc/callback', '/session/passkey', '/session/ways'],
    ]);
    expect(JSON.stringify(document.components.securitySchemes)).toContain('RFC 9421');
  });

  it('does not say more of a body than the door checks: the fields and nothing else', () => {
    const record = operations.find(({ operation }) => operation.operationId === 'recordRun')?.operation;
    const schema = record?.requestBody?.content['application/json']?.schema as Record<string, unknown>;
    expect(schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: expect.arrayContaining(['releaseId', 'machineId', 'serials', 'startedAt']),
    });
  });

  it('has a method of our own client for every operation but those that only screens ask', () => {
    const client = GatewayClient.overSocket('/nowhere') as unknown as Record<string, unknown>;
    const named: Record<string, string> = {
      openUpload: 'submit',
      putFile: 'submit',
      completeUpload: 'submit',
      withdrawPackage: 'withdraw',
      withdrawRelease: 'withdraw',
      recallRelease: 'recall',
      issueRelease: 'release',
      submitChange: 'change',
      waitingChanges: 'changes',
      ledgerStatus: 'ledger',
    };
    const missing = operations
      .filter(({ operation }) => operation['x-keyway-used-by'] !== 'screens')
      .map(({ operation }) => named[operation.operationId] ?? operation.operationId)
      // What a directory does, by SCIM.
      .filter((name) => !name.startsWith('scim') && typeof client[name] !== 'function');
    expect(missing).toEqual([]);
  });
});
