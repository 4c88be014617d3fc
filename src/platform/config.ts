import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Country } from '../domain/countries.ts';
import { limits } from '../domain/limits.ts';
import { PathWord } from '../domain/text.ts';
import { PlantConfig, SignInConfig } from './sign-in-config.ts';
import { SecretSetting, SignerConfig } from './signer-config.ts';
import { check, invalid, readYaml } from './yaml-file.ts';

/** What the trust file, the ledger's notes and the example say until somebody chooses an origin. */
const exampleOrigin = 'keyway.example/ledger';
/** `sun_path` of unix(7) holds 108 bytes with its end mark; other systems hold less. */
const socketPathBytes = 100;

const projectConfig = (name: string) => fileURLToPath(new URL(`../../config/${name}`, import.meta.url));

const Path = z
  .string()
  .min(1)
  .max(1_000)
  .refine((path) => !path.includes('\0'), 'must hold no NUL');
const Host = z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'must be an IP address or a host name');
/** 0: the system chooses a free one. */
const Port = z.int().min(0).max(65_535);
const Url = z
  .string()
  .max(500)
  .refine(
    (url) => /^https?:\/\/[^\s?#@]+$/.test(url) && URL.canParse(url),
    'must be an http or https URL without query',
  );
/** A network of which it is known where it stands: `10.20.0.0/16`, a site's name and its country. */
const SiteRange = z.strictObject({
  cidr: z.union([z.cidrv4(), z.cidrv6()]),
  site: PathWord,
  country: Country,
});
export type SiteRange = z.infer<typeof SiteRange>;
/** Plain HTTP only on this computer: what goes further is read by whoever stands between. */
const WebhookTarget = z.strictObject({
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
const waitMs = z.int().min(10).max(600_000);

const ConfigFile = z.strictObject({
  mode: z.enum(['development', 'production']).default('development'),
  data: Path.default('data'),
  /** The ledger's name in every checkpoint: a signed-note key name (C2SP: no space, no plus), a URL without schema. */
  origin: z
    .string()
    .max(limits.shortTextChars)
    .regex(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(\/[A-Za-z0-9._~-]+)*$/,
      'must be a URL without schema such as shop.example/ledger: no space, no plus, no control character',
    )
    .optional(),
  http: z
    .strictObject({
      host: Host.default('127.0.0.1'),
      port: Port.default(8443),
      /** As browsers see it: passkeys are bound to it. */
      publicOrigin: z
        .string()
        .max(300)
        .regex(/^https:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/, 'must be such as https://keyway.shop.example:8443')
        .optional(),
      sites: z.array(SiteRange).max(limits.siteRanges).default([]),
      /** Where webhooks may go: addresses that begin with `url`, in these networks and in no others. */
      webhooks: z.array(WebhookTarget).max(limits.webhookTargets).default([]),
    })
    .prefault({}),
  plant: PlantConfig.prefault({}),
  signIn: SignInConfig.prefault({}),
  socket: Path.optional(),
  sftp: z
    .strictObject({
      host: Host.default('127.0.0.1'),
      port: Port.default(2222),
      /** Of the door, on the one port. */
      processes: z.int().min(1).max(limits.doorProcesses).default(1),
    })
    .prefault({}),
  /** Absent: no FTP. */
  ftp: z
    .strictObject({
      host: Host.default('127.0.0.1'),
      port: Port.default(2121),
      /** FTPS with TLS from the first byte; absent: none. */
      implicitPort: Port.optional(),
      plaintext: z.boolean().default(false),
      passivePorts: z
        .strictObject({ from: Port, to: Port })
        .refine(({ from, to }) => from <= to, 'must go from the lower port to the higher')
        .default({ from: 0, to: 0 }),
      natAddress: z.ipv4().optional(),
      resumedOnly: z.boolean().default(true),
    })
    .optional(),
  /** Absent: no serial lines. */
  serial: z.strictObject({ devices: z.array(Path).min(1).max(16).default(['/dev']) }).optional(),
  /** Absent: nothing is pushed. */
  push: z
    .strictObject({
      folders: z.array(Path).max(limits.pushFolders).default([]),
      secrets: z
        .record(PathWord, SecretSetting)
        .refine((secrets) => Object.keys(secrets).length <= limits.pushSecrets, `names more than ${limits.pushSecrets}`)
        .default({}),
    })
    .optional(),
  dropFolder: z
    .strictObject({
      path: Path.optional(),
      settleMs: waitMs.default(limits.dropSettleMs),
      orphanMs: waitMs.default(limits.dropOrphanMs),
    })
    .prefault({}),
  ledger: z
    .strictObject({
      anchor: Path.optional(),
      witnesses: z
        .strictObject({
          quorum: z.int().min(1).max(limits.witnesses).optional(),
          list: z
            .array(z.strictObject({ key: z.string().max(300), url: Url }))
            .max(limits.witnesses)
            .default([]),
        })
        .prefault({}),
      /** A timestamping authority (RFC 3161); absent: checkpoints are not stamped. */
      timestamps: z
        .strictObject({
          url: Url,
          policy: z
            .string()
            .regex(/^[0-2](\.(0|[1-9][0-9]{0,9})){1,20}$/, 'must be an object identifier such as 1.2.3.4')
            .optional(),
          everyMinutes: z.int().min(1).max(limits.timestampMaxMinutes).default(limits.timestampMinutes),
        })
        .optional(),
    })
    .prefault({}),
  policy: Path.optional(),
  routes: Path.optional(),
  signer: SignerConfig.prefault({}),
  machineProfiles: Path.optional(),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info') })
    .prefault({}),
});
type ConfigFile = z.infer<typeof ConfigFile>;

/** The whole configuration of a gateway. Every path is absolute; ports may be 0, and the system then chooses. */
export type Config = {
  mode: 'development' | 'production';
  data: string;
  origin: string;
  http: {
    host: string;
    port: number;
    /** Where browsers reach it; https://localhost and the port where nothing is said. */
    publicOrigin?: string | undefined;
    /** Where a request comes from, by its address: a narrower range goes before a wider one. */
    sites: SiteRange[];
    /** Where webhooks may go. */
    webhooks: { url: string; networks: string[] }[];
  };
  plant: PlantConfig;
  signIn: SignInConfig;
  /** Where the administrator's commands reach the gateway: a Unix socket. */
  socket: string;
  sftp: { host: string; port: number; processes: number };
  ftp: ConfigFile['ftp'];
  /** `devices`: the folders that lines of this computer may stand in. */
  serial: ConfigFile['serial'];
  /** `folders`: those that programs may be put in; `secrets`: where the words stand that links name. */
  push: ConfigFile['push'];
  dropFolder: { path: string; settleMs: number; orphanMs: number };
  ledger: {
    /** The folder that keeps the newest checkpoint outside the database. */
    anchor: string;
    /** `key` is the witness' vkey. `quorum` of them make a checkpoint witnessed: 0 where none is listed. */
    witnesses: { quorum: number; list: { key: string; url: string }[] };
    timestamps: ConfigFile['ledger']['timestamps'];
  };
  /** A folder of `*.cedar`, and the file of approval routes. */
  policy: string;
  routes: string;
  signer: SignerConfig;
  /** A folder of `*.yaml`, a machine profile each. */
  machineProfiles: string;
  log: { level: ConfigFile['log']['level'] };
  paths: DataPaths;
};

export type DataPaths = ReturnType<typeof dataPaths>;

/** Where each thing stands in a data folder. */
export const dataPaths = (data: string) => ({
  keys: join(data, 'keys'),
  trust: join(data, 'trust.json'),
  /** Of a development gateway: the keys of its two administrators. */
  devAdmins: join(data, 'dev-admins'),
  ledger: join(data, 'ledger.db'),
  summary: join(data, 'ledger.summary'),
  /** There where the ledger goes on under another origin (see `ledger fork`). */
  frozen: join(data, 'frozen.json'),
  catalog: join(data, 'catalog.db'),
  /** What people sign in with, sealed; nothing of the ledger rests on it. */
  accounts: join(data, 'accounts.db'),
  /** Answers that were given to acts with an Idempotency-Key. */
  answers: join(data, 'answers.db'),
  /** How far each webhook has been told. */
  outbox: join(data, 'outbox.db'),
  lock: join(data, 'lock.db'),
  vault: join(data, 'vault'),
  /** Where doors write what machines send back, before it is in the vault. */
  inbound: join(data, 'inbound'),
  /** The one folder that the signer process may write. */
  signer: join(data, 'signer'),
  signerState: join(data, 'signer', 'state.json'),
});

/**
 * Reads and checks the configuration once, before anything is opened. Without a file everything has its default.
 * `data` stands before the file's own. Relative paths start at the file's folder, or at the working directory where
 * there is no file; `options.data` always at the working directory. Throws `config-invalid`, in one line:
 * `FILE: KEY: what is wrong`.
 */
export function loadConfig(options: { file?: string; data?: string }): Config {
  const name = options.file ?? 'configuration';
  const base = options.file === undefined ? process.cwd() : dirname(resolve(options.file));
  const file = check(name, ConfigFile, options.file === undefined ? {} : readYaml(options.file));
  const config = derive(file, base, options.data);
  refuseUnsafe(name, file, config);
  return config;
}

/** A YAML file of another program of ours, read as strictly. Throws `config-invalid`, in one line. */
export const readConfigFile = <T>(name: string, schema: z.ZodType<T>): T => check(name, schema, readYaml(name));

function derive(file: ConfigFile, base: string, data: string | undefined): Config {
  const dataFolder = data === undefined ? resolve(base, file.data) : resolve(data);
  const at = (path: string | undefined, otherwise: string) => (path === undefined ? otherwise : resolve(base, path));
  return {
    mode: file.mode,
    data: dataFolder,
    origin: file.origin ?? exampleOrigin,
    http: file.http,
    plant: file.plant,
    signIn: file.signIn,
    socket: at(file.socket, join(dataFolder, 'keyway.sock')),
    sftp: file.sftp,
    ftp: file.ftp,
    serial: file.serial && { devices: file.serial.devices.map((folder) => resolve(base, folder)) },
    push: file.push && {
      folders: file.push.folders.map((folder) => resolve(base, folder)),
      secrets: file.push.secrets,
    },
    dropFolder: { ...file.dropFolder, path: at(file.dropFolder.path, join(dataFolder, 'drop')) },
    ledger: {
      anchor: at(file.ledger.anchor, join(dataFolder, 'anchor')),
      witnesses: witnessed(file),
      timestamps: file.ledger.timestamps,
    },
    policy: at(file.policy, projectConfig('policy')),
    routes: at(file.routes, projectConfig('routes.yaml')),
    signer: file.signer,
    machineProfiles: at(file.machineProfiles, projectConfig('machines')),
    log: file.log,
    paths: dataPaths(dataFolder),
  };
}

/** More than half by default: 2 of 3. Two such quorums share a witness, so no two histories can both have one. */
function witnessed({ ledger: { witnesses } }: ConfigFile): Config['ledger']['witnesses'] {
  const { list, quorum } = witnesses;
  if (list.length === 0) return { quorum: 0, list };
  return { quorum: quorum ?? Math.floor(list.length / 2) + 1, list };
}

function refuseUnsafe(name: string, file: ConfigFile, config: Config): void {
  if (config.mode === 'production' && (file.origin === undefined || file.origin === exampleOrigin)) {
    throw invalid(name, 'origin', 'must be set in production: it is the name of your ledger for as long as it lives');
  }
  const { witnesses } = file.ledger;
  if ((witnesses.quorum ?? 0) > witnesses.list.length) {
    throw invalid(
      name,
      'ledger.witnesses.quorum',
      `asks for ${witnesses.quorum} of the ${witnesses.list.length} witnesses that are listed`,
    );
  }
  const bytes = Buffer.byteLength(config.socket);
  if (bytes > socketPathBytes) {
    throw invalid(
      name,
      'socket',
      `the path ${config.socket} is ${bytes} bytes long, and a Unix socket takes ${socketPathBytes} at most; name a shorter one`,
    );
  }
  // Whoever may write into the drop folder is not trusted; nothing of ours may stand in its reach, nor it in our way.
  const ours = [...Object.values(config.paths), config.ledger.anchor];
  if (isInside(config.data, config.dropFolder.path) || ours.some((path) => isInside(config.dropFolder.path, path))) {
    throw invalid(name, 'dropFolder.path', `must not hold the data folder, nor stand among its files (${config.data})`);
  }
}

const isInside = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith('../'));
};
