import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Digest } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Oddity, StickManifest } from '../../domain/media.ts';
import type { RunReport } from '../../domain/runs.ts';
import type { Envelope } from '../../domain/statements.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { digestOf } from '../../platform/hash.ts';
import type { SigningKey } from '../../signing/signing-key.ts';
import { checkedStream } from './checked-stream.ts';
import type { NewBadge } from './contract/accounts.ts';
import { AlarmList } from './contract/alarms.ts';
import { ApiKeyList, ApiKeyMade, type NewApiKey } from './contract/api-keys.ts';
import { ChangeAnswer, WaitingChanges } from './contract/changes.ts';
import { Problem, Recorded } from './contract/common.ts';
import {
  DepositAnswer,
  DepositList,
  DepositView,
  UploadedFile,
  UploadOpened,
  WaiverAnswer,
} from './contract/deposits.ts';
import type { EvidenceAsked } from './contract/evidence.ts';
import { Health, Readiness } from './contract/health.ts';
import { EntryView, LedgerStatus, Rebuilt } from './contract/ledger.ts';
import {
  type BeginReturn,
  Begun,
  type IssueMedia,
  MediaIssued,
  MediaList,
  MediaProgram,
  MediaReturned,
} from './contract/media.ts';
import { MonitorList } from './contract/monitors.ts';
import { ApprovalAnswer, PackageList, PackageView, Released, Withdrawn } from './contract/packages.ts';
import {
  ApprovalAsked,
  type AskApproval,
  type Asserted,
  PasskeyMade,
  type Registered,
  RegistrationAsked,
} from './contract/passkeys.ts';
import { HeldList, ReadbackList, ReadbackView, type Resolve } from './contract/readbacks.ts';
import {
  AuthorizationList,
  BreakGlassList,
  HoldingList,
  InventoryView,
  MachineList,
  NonconformanceList,
  PersonList,
} from './contract/registry.ts';
import { Recalled, ResidueList } from './contract/residue.ts';
import { RunList, RunRecorded } from './contract/runs.ts';
import { ProposedPeople } from './contract/scim.ts';
import { SendingList, SendingView } from './contract/sendings.ts';
import { AccountList, Done, Invited } from './contract/session.ts';
import { LocalFile } from './local-file.ts';
import { parseContentDigest, signRequestWith } from './message-signature.ts';
import { type Destination, readAnswer, send } from './transport.ts';

/** `signer`: a person's own key, with which every request is signed. */
export type ClientOptions = { signer?: SigningKey; clock?: Clock };

/** Something to upload: the name that the sidecar lists, and where it stands. `onSent` hears of bytes as they leave. */
/** `follow`: a link that stands at the path; otherwise it is refused. */
export type FileToSend = { name: string; path: string; onSent?: (bytes: number) => void; follow?: boolean };

type Call = { method: 'GET' | 'POST' | 'PUT'; path: string; query?: string; headers?: Record<string, string> } & (
  | { body?: undefined }
  | { body: Uint8Array | AsyncIterable<Uint8Array>; digest: Digest }
);

/**
 * What the HTTP door can do, for commands and scripts. A refusal of the gateway is thrown as the same DomainError;
 * `gateway-unreachable` says that there was no answer.
 */
export class GatewayClient {
  readonly #destination: Destination;
  readonly #signer: SigningKey | undefined;
  readonly #clock: Clock;

  private constructor(destination: Destination, { signer, clock = systemClock }: ClientOptions) {
    this.#destination = destination;
    this.#signer = signer;
    this.#clock = clock;
  }

  /** Asks as the gateway's own account, or as the person who signs. */
  static overSocket(socketPath: string, options: ClientOptions = {}): GatewayClient {
    return new GatewayClient({ socketPath }, options);
  }

  /** `url` such as `https://gateway.example:8443`; `ca` is PEM. Without a key only `health` and `ready` are answered. */
  static overTls(url: string, { ca, ...options }: { ca: string | Buffer } & ClientOptions): GatewayClient {
    return new GatewayClient({ url: new URL(url), ca }, options);
  }

  health = () => this.#json({ method: 'GET', path: '/health' }, Health);
  ready = () => this.#json({ method: 'GET', path: '/ready' }, Readiness);

  /** Uploads the files that the sidecar lists and hands them to intake. Throws `file-missing` for one that cannot be read. */
  async submit(sidecar: { fileName: string; bytes: Uint8Array }, files: readonly FileToSend[]): Promise<DepositAnswer> {
    const opening = { fileName: sidecar.fileName, sidecar: Buffer.from(sidecar.bytes).toString('base64') };
    const { depositId } = await this.#post('/deposits', UploadOpened, opening);
    for (const file of files) await this.#putFile(depositId, file);
    return this.#post(`/deposits/${depositId}/complete`, DepositAnswer);
  }

  deposits = async (rows?: number) => (await this.#list('/deposits', rows, DepositList)).deposits;
  deposit = (id: string) => this.#get(`/deposits/${encodeURIComponent(id)}`, DepositView);
  waive = (id: string, envelope: Envelope) =>
    this.#post(`/deposits/${encodeURIComponent(id)}/waivers`, WaiverAnswer, { envelope });
  packages = async (rows?: number) => (await this.#list('/packages', rows, PackageList)).packages;
  package = (id: string) => this.#get(`/packages/${encodeURIComponent(id)}`, PackageView);

  /** The bytes of one file, checked as they come: throws `bytes-differ` at the end when they are not those promised. */
  packageFile = (id: string, name: string) =>
    this.#file(`/packages/${encodeURIComponent(id)}/files/${encodeURIComponent(name)}`);
  readbackFile = (id: string) => this.#file(`/readbacks/${encodeURIComponent(id)}/file`);

  async #file(path: string): Promise<{ digest: Digest; content: AsyncIterable<Uint8Array> }> {
    const answer = await this.#send({ method: 'GET', path });
    if (answer.statusCode !== 200) throw await this.#refusal(answer);
    const digest = parseContentDigest(String(answer.headers['content-digest'] ?? ''));
    return { digest, content: checkedStream(answer, digest) };
  }

  /** The difference behind the draft about the first article, as JSON; checked like a file. */
  packageDifference = (id: string) => this.#file(`/packages/${encodeURIComponent(id)}/difference`);

  approve = (id: string, envelope: Envelope) =>
    this.#post(`/packages/${encodeURIComponent(id)}/approvals`, ApprovalAnswer, { envelope });
  askPasskey = (person: string) => this.#post('/passkeys/options', RegistrationAsked, { person });
  registerPasskey = (person: string, credential: z.input<typeof Registered>) =>
    this.#post('/passkeys', PasskeyMade, { person, credential });
  askApproval = (id: string, asked: z.input<typeof AskApproval>) =>
    this.#post(`/packages/${encodeURIComponent(id)}/approvals/options`, ApprovalAsked, asked);
  approveByPasskey = (id: string, payload: string, credential: Asserted) =>
    this.#post(`/packages/${encodeURIComponent(id)}/approvals/passkey`, ApprovalAnswer, { payload, credential });
  release = (id: string) => this.#post(`/packages/${encodeURIComponent(id)}/release`, Released);

  /** `id` is a package's or a release's. */
  withdraw(id: string, reason: string): Promise<z.infer<typeof Withdrawn>> {
    const noun = id.startsWith('REL-') ? 'releases' : 'packages';
    return this.#post(`/${noun}/${encodeURIComponent(id)}/withdraw`, Withdrawn, { reason });
  }

  people = async () => (await this.#get('/people', PersonList)).people;
  holdings = async (person: string) =>
    (await this.#get(`/people/${encodeURIComponent(person)}/holdings`, HoldingList)).holdings;
  /** A signed change, or another signature under one that waits. */
  change = (envelope: Envelope) => this.#post('/changes', ChangeAnswer, { envelope });
  changes = async () => (await this.#get('/changes', WaitingChanges)).changes;
  machines = async () => (await this.#get('/machines', MachineList)).machines;
  authorizations = async () => (await this.#get('/authorizations', AuthorizationList)).authorizations;
  breakGlass = async () => (await this.#get('/break-glass', BreakGlassList)).breakGlass;
  nonconformances = async () => (await this.#get('/nonconformances', NonconformanceList)).nonconformances;
  inventory = () => this.#get('/inventory', InventoryView);

  accounts = async () => (await this.#get('/accounts', AccountList)).accounts;
  invite = (person: string) => this.#post(`/accounts/${encodeURIComponent(person)}/invite`, Invited);
  suspendAccount = (person: string, reason: string) => this.#account(person, 'suspend', reason);
  restoreAccount = (person: string, reason: string) => this.#account(person, 'restore', reason);
  signOutAccount = (person: string, reason: string) => this.#account(person, 'sign-out', reason);
  #account = (person: string, act: string, reason: string) =>
    this.#post(`/accounts/${encodeURIComponent(person)}/${act}`, Recorded, { reason });
  setBadge = (person: string, badge: z.infer<typeof NewBadge>) =>
    this.#post(`/accounts/${encodeURIComponent(person)}/badge`, Done, badge, 'PUT');
  proposedPeople = async () => (await this.#get('/people/proposed', ProposedPeople)).people;
  apiKeys = async () => (await this.#json({ method: 'GET', path: '/api-keys', query: 'all=yes' }, ApiKeyList)).keys;
  makeApiKey = (asked: z.infer<typeof NewApiKey>) => this.#post('/api-keys', ApiKeyMade, asked);
  revokeApiKey = (id: string, reason: string) =>
    this.#post(`/api-keys/${encodeURIComponent(id)}/revoke`, Recorded, { reason });

  send = (machineId: string, name: string) => this.#post('/sendings', SendingView, { machineId, name });
  sending = (id: string) => this.#get(`/sendings/${encodeURIComponent(id)}`, SendingView);
  sendings = async () => (await this.#get('/sendings', SendingList)).sendings;

  issueMedia = (asked: z.input<typeof IssueMedia>) => this.#post('/media', MediaIssued, asked);
  media = async () => (await this.#get('/media', MediaList)).media;
  mediaManifest = (id: string) => this.#get(`/media/${encodeURIComponent(id)}/manifest`, StickManifest);
  mediaFile = (id: string, name: string) =>
    this.#file(`/media/${encodeURIComponent(id)}/files/${encodeURIComponent(name)}`);
  beginReturn = (id: string, said: z.input<typeof BeginReturn>) =>
    this.#post(`/media/${encodeURIComponent(id)}/return`, Begun, said);
  endReturn = (id: string, odd: Oddity[]) =>
    this.#post(`/media/${encodeURIComponent(id)}/returned`, MediaReturned, { odd });
  async takeBack(id: string, file: FileToSend): Promise<z.infer<typeof MediaProgram>> {
    const path = `/media/${encodeURIComponent(id)}/files/${encodeURIComponent(file.name)}`;
    return (await this.#putBytes(path, file, MediaProgram)).answer;
  }

  monitors = async () => (await this.#get('/monitors', MonitorList)).monitors;

  recordRun = (report: RunReport) => this.#post('/runs', RunRecorded, report);
  /** `by` is one of the fields of `RunsQuery`. */
  async runs(by: string, value: string): Promise<z.infer<typeof RunList>['runs']> {
    const query = new URLSearchParams({ [by]: value }).toString();
    return (await this.#json({ method: 'GET', path: '/runs', query }, RunList)).runs;
  }

  /** A zip, as it is made. */
  async evidence(asked: EvidenceAsked): Promise<AsyncIterable<Uint8Array>> {
    const body = Buffer.from(JSON.stringify(asked), 'utf8');
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
    const answer = await this.#send({ method: 'POST', path: '/evidence', headers, body, digest: digestOf(body) });
    if (answer.statusCode !== 200) throw await this.#refusal(answer);
    return answer;
  }

  /** `query` as in `ReadbacksQuery`. */
  async readbacks(query: Record<string, string> = {}): Promise<ReadbackView[]> {
    const asked = new URLSearchParams(query).toString();
    return (await this.#json({ method: 'GET', path: '/readbacks', query: asked }, ReadbackList)).readbacks;
  }
  readback = (id: string) => this.#get(`/readbacks/${encodeURIComponent(id)}`, ReadbackView);
  resolveReadback = (id: string, said: z.infer<typeof Resolve>) =>
    this.#post(`/readbacks/${encodeURIComponent(id)}/resolve`, Recorded, said);
  machineHolds = async (id: string) => (await this.#get(`/machines/${encodeURIComponent(id)}/holds`, HeldList)).holds;

  recall = (id: string, reason: string) =>
    this.#post(`/releases/${encodeURIComponent(id)}/recall`, Recalled, { reason });
  residue = async () => (await this.#get('/residue', ResidueList)).residue;
  clearResidue = (envelope: Envelope) => this.#post('/residue', Recorded, { envelope });

  alarms = async () => (await this.#get('/alarms', AlarmList)).alarms;
  ledger = () => this.#get('/ledger', LedgerStatus);
  entry = (index: number) => this.#get(`/ledger/entries/${index}`, EntryView);
  rebuild = () => this.#post('/ledger/rebuild', Rebuilt);
  openApi = () => this.#get('/openapi.json', z.record(z.string(), z.unknown()));

  /** The newest signed checkpoint, a signed note. */
  async checkpoint(): Promise<string> {
    const answer = await this.#send({ method: 'GET', path: '/ledger/checkpoint' });
    if (answer.statusCode !== 200) throw await this.#refusal(answer);
    return (await readAnswer(this.#destination, answer)).toString('utf8');
  }

  /** A tile or entry bundle by its whole C2SP path, `tile/0/000.p/5`; nothing of it is verified here. */
  async tile(path: string): Promise<Buffer> {
    const answer = await this.#send({ method: 'GET', path: `/ledger/${path}` });
    if (answer.statusCode !== 200) throw await this.#refusal(answer);
    return readAnswer(this.#destination, answer);
  }

  async #putFile(depositId: string, sent: FileToSend): Promise<void> {
    const { name } = sent;
    const path = `/deposits/${depositId}/files/${encodeURIComponent(name)}`;
    const { answer: stored, digest } = await this.#putBytes(path, sent, UploadedFile);
    if (stored.digest !== digest) throw new DomainError('bytes-differ', `The gateway received other bytes of ${name}.`);
  }

  async #putBytes<T>(path: string, { path: from, onSent, follow }: FileToSend, schema: z.ZodType<T>) {
    using file = LocalFile.open(from, follow);
    const digest = await file.digest();
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(file.size) };
    const answer = await this.#json({ method: 'PUT', path, headers, body: file.content(onSent), digest }, schema);
    return { answer, digest };
  }

  #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#json({ method: 'GET', path }, schema);
  }

  #list<T>(path: string, rows: number | undefined, schema: z.ZodType<T>): Promise<T> {
    return this.#json({ method: 'GET', path, ...(rows === undefined ? {} : { query: `rows=${rows}` }) }, schema);
  }

  #post<T>(path: string, schema: z.ZodType<T>, value?: unknown, method: 'POST' | 'PUT' = 'POST'): Promise<T> {
    if (value === undefined) return this.#json({ method, path }, schema);
    const body = Buffer.from(JSON.stringify(value), 'utf8');
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
    return this.#json({ method, path, headers, body, digest: digestOf(body) }, schema);
  }

  async #json<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.#send(call);
    if (answer.headers['content-type'] !== 'application/json') throw await this.#refusal(answer);
    const parsed = schema.safeParse(parseJson(await readAnswer(this.#destination, answer)));
    if (parsed.success) return parsed.data;
    throw new DomainError('internal', 'The gateway answered something that this client does not understand.', {
      cause: parsed.error,
    });
  }

  async #send({ method, path, query = '', headers = {}, ...rest }: Call): Promise<IncomingMessage> {
    const target = query === '' ? path : `${path}?${query}`;
    const bodyDigest = rest.body === undefined ? undefined : rest.digest;
    const signed = this.#signer && (await this.#signed(this.#signer, { method, path, query, bodyDigest }));
    return send(this.#destination, { method, target, headers: { ...headers, ...signed }, body: rest.body });
  }

  #signed(key: SigningKey, about: { method: string; path: string; query: string; bodyDigest: Digest | undefined }) {
    const created = Math.floor(this.#clock() / 1000);
    return signRequestWith(key, { ...about, created, nonce: randomBytes(18).toString('base64url') });
  }

  async #refusal(answer: IncomingMessage): Promise<DomainError> {
    const problem = Problem.safeParse(parseJson(await readAnswer(this.#destination, answer)));
    if (!problem.success)
      return new DomainError('internal', `The gateway answered ${answer.statusCode} without saying why.`);
    const { code, detail, field } = problem.data;
    return new DomainError(code, detail, field === undefined ? {} : { field });
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
