import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { dataPaths } from '../../src/platform/data-paths.ts';

const example = fileURLToPath(new URL('../../config/keyway.example.yaml', import.meta.url));
let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyway-config-'));
  file = join(folder, 'keyway.yaml');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (text: string | Uint8Array, data?: string) => {
  writeFileSync(file, text);
  return loadConfig(data === undefined ? { file } : { file, data });
};

function refusal(act: () => unknown): DomainError {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('the configuration', () => {
  it('has a default for every key', () => {
    const data = resolve('data');
    expect(loadConfig({})).toEqual({
      mode: 'development',
      data,
      origin: 'keyway.example/ledger',
      http: { host: '127.0.0.1', port: 8443, sites: [], webhooks: [] },
      plant: { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
      signIn: { idleMinutes: 15, hours: 12 },
      socket: join(data, 'keyway.sock'),
      sftp: { host: '127.0.0.1', port: 2222, processes: 1 },
      dropFolder: { path: join(data, 'drop'), settleMs: 1_000, orphanMs: 10_000 },
      ledger: { anchor: join(data, 'anchor'), witnesses: { quorum: 0, list: [] } },
      policy: fileURLToPath(new URL('../../config/policy', import.meta.url)),
      routes: fileURLToPath(new URL('../../config/routes.yaml', import.meta.url)),
      signer: {},
      machineProfiles: fileURLToPath(new URL('../../config/machines', import.meta.url)),
      log: { level: 'info' },
      paths: dataPaths(data),
    });
    expect(existsSync(loadConfig({}).policy)).toBe(true);
    expect(existsSync(loadConfig({}).routes)).toBe(true);
  });

  it('is the same by the example file as without a file, and an empty file changes nothing', () => {
    const byDefault = loadConfig({ data: folder });
    expect(loadConfig({ file: example, data: folder })).toEqual(byDefault);
    expect(load('', folder)).toEqual(byDefault);
    expect(load('# nothing\n', folder)).toEqual(byDefault);
  });

  it('has every key in the example file', () => {
    const text = readFileSync(example, 'utf8');
    const { paths: _, ...config } = loadConfig({});
    const keys = Object.entries(config).flatMap(([key, value]) => [
      key,
      ...(typeof value === 'object' ? Object.keys(value) : []),
    ]);
    expect(keys.filter((key) => !new RegExp(`^[ #]*${key}:`, 'm').test(text))).toEqual([]);
  });

  it('names networks and where they stand, and nothing that is none', () => {
    const sites = (line: string) => load(`http: { sites: [${line}] }\n`).http.sites;
    expect(sites('{ cidr: 10.20.0.0/16, site: PLANT-1, country: US }')).toHaveLength(1);
    expect(sites('{ cidr: "2001:db8::/32", site: PLANT-1, country: US }')).toHaveLength(1);
    for (const wrong of [
      '{ cidr: 10.20.0.0, site: PLANT-1, country: US }',
      '{ cidr: 10.20.0.0/33, site: PLANT-1, country: US }',
      '{ cidr: 10.20.0.0/16, site: PLANT-1, country: UK }',
      '{ cidr: 10.20.0.0/16, country: US }',
    ])
      expect(() => sites(wrong)).toThrow(/http\.sites/);
  });

  it('tells other programs over TLS, or on this computer, in networks that it names', () => {
    const webhooks = (url: string, networks = '[10.20.0.0/16]') =>
      load(`http: { webhooks: [{ url: "${url}", networks: ${networks} }] }\n`).http.webhooks;
    for (const url of ['https://mes.shop.example/hooks', 'http://127.0.0.1:8080/a', 'http://localhost/'])
      expect(webhooks(url)).toHaveLength(1);
    for (const url of [
      ...['http://mes.shop.example/', 'http://127.0.0.1.shop.example/', 'https://mes@elsewhere.example/'],
      ...['https://mes.shop.example/?a', 'https://mes.shop.example/#a', 'ftp://mes.shop.example/'],
    ])
      expect(() => webhooks(url)).toThrow(/http\.webhooks/);
    for (const networks of ['[]', '[10.20.0.0]']) expect(() => webhooks('https://a.example/', networks)).toThrow();
  });

  it('takes relative paths from the folder of the file, and its own data folder from the command line', () => {
    const config = load('data: here\nsocket: run.sock\npolicy: rules\nroutes: r.yaml\ndropFolder: { path: in }\n');
    expect(config).toMatchObject({
      data: join(folder, 'here'),
      socket: join(folder, 'run.sock'),
      policy: join(folder, 'rules'),
      routes: join(folder, 'r.yaml'),
      dropFolder: { path: join(folder, 'in') },
      paths: { ledger: join(folder, 'here', 'ledger.db') },
    });
    expect(load('data: here\n', '/srv/keyway')).toMatchObject({
      data: '/srv/keyway',
      socket: '/srv/keyway/keyway.sock',
    });
    expect(load('data: here\n', 'there').data).toBe(resolve('there'));
  });

  it('wants more than half of the witnesses, unless it says how many', () => {
    const list = (count: number) => `list: [${Array(count).fill('{ key: k, url: "http://127.0.0.1:1" }').join(', ')}]`;
    const quorum = (text: string) => load(`ledger: { witnesses: { ${text} } }\n`).ledger.witnesses.quorum;
    expect([1, 2, 3, 4].map((count) => quorum(list(count)))).toEqual([1, 2, 2, 3]);
    expect(quorum(`quorum: 3, ${list(3)}`)).toBe(3);
  });

  it('lets the system choose a port', () => {
    expect(load('http: { port: 0 }\nsftp: { port: 0 }\n')).toMatchObject({ http: { port: 0 }, sftp: { port: 0 } });
  });

  it('lets a signer write in a folder that holds nothing else', () => {
    const { signer, signerState, ...others } = dataPaths('/d');
    expect(signerState.startsWith(`${signer}/`)).toBe(true);
    expect(Object.values(others).filter((path) => path.startsWith(signer))).toEqual([]);
  });
});

describe('a configuration is refused, in one line that names file and key,', () => {
  it.each([
    ['an unknown key', 'modes: production\n', 'modes: is not a known key'],
    ['an unknown key inside another', 'http: { prot: 1 }\n', 'http.prot: is not a known key'],
    ['a key that is every object’s', '__proto__: { mode: production }\n', '__proto__: is not a known key'],
    ['a key that stands twice', 'mode: production\nmode: development\n', 'mode: stands there twice (line 2)'],
    ['a quoted key that stands twice', 'http:\n  port: 1\n  "port": 2\n', 'port: stands there twice (line 3)'],
    ['a mode nobody wrote', 'mode: prod\n', 'mode: '],
    ['a port in quotes', 'http: { port: "8443" }\n', 'http.port: expected number'],
    ['a port beyond the last', 'sftp: { port: 65536 }\n', 'sftp.port: '],
    ['a timestamping authority nowhere', 'ledger: { timestamps: { everyMinutes: 5 } }\n', 'ledger.timestamps.url: '],
    [
      'a policy that is no object identifier',
      'ledger: { timestamps: { url: "http://tsa", policy: "1.02" } }\n',
      'ledger.timestamps.policy: must be an object identifier',
    ],
    [
      'timestamps without a pause',
      'ledger: { timestamps: { url: "http://tsa", everyMinutes: 0 } }\n',
      'ledger.timestamps.everyMinutes: ',
    ],
    ['no door process at all', 'sftp: { processes: 0 }\n', 'sftp.processes: '],
    ['half a port', 'sftp: { port: 22.5 }\n', 'sftp.port: '],
    ['a host with a space', 'http: { host: "127.0.0.1 " }\n', 'http.host: must be an IP address or a host name'],
    ['an origin with a space', 'origin: "shop example"\n', 'origin: must be a URL without schema'],
    ['an origin with a plus', 'origin: shop.example/a+b\n', 'origin: must be a URL without schema'],
    ['an origin with a line end', 'origin: "shop.example\\n5"\n', 'origin: must be a URL without schema'],
    ['an origin with a schema', 'origin: https://shop.example\n', 'origin: must be a URL without schema'],
    ['a production ledger without a name', 'mode: production\n', 'origin: must be set in production'],
    [
      'a production ledger with the example’s name',
      'mode: production\norigin: keyway.example/ledger\n',
      'origin: must be set',
    ],
    [
      'more witnesses than are listed',
      'ledger: { witnesses: { quorum: 2, list: [{ key: k, url: "http://w" }] } }\n',
      'ledger.witnesses.quorum: asks for 2 of the 1',
    ],
    [
      'a witness at no URL',
      'ledger: { witnesses: { list: [{ key: k, url: "w.example" }] } }\n',
      'ledger.witnesses.list.0.url: must be an http',
    ],
    ['a waiting time of nothing', 'dropFolder: { settleMs: 0 }\n', 'dropFolder.settleMs: '],
    ['a level that is none', 'log: { level: loud }\n', 'log.level: '],
    ['a path with NUL', 'data: "a\\0b"\n', 'data: must hold no NUL'],
    ['a list', '- mode\n', 'expected object'],
    ['text that is no YAML', 'mode: [\n', 'line '],
    ['an unknown tag', 'data: !!here x\n', 'line 1: '],
    ['two documents', 'mode: development\n---\nmode: production\n', 'line 2: '],
    ['an alias', 'http: &a { port: 1 }\nsftp: *a\n', 'may hold no YAML aliases'],
  ])('for %s', (_what, text, expected) => {
    const error = refusal(() => load(text));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(`${file}: ${expected}`);
    expect(error.message).not.toContain('\n');
  });

  it('for a file that is not there, not text, or too large', () => {
    const absent = join(folder, 'absent.yaml');
    expect(refusal(() => loadConfig({ file: absent })).message).toBe(`${absent}: there is no such file`);
    expect(refusal(() => load(Uint8Array.of(0xff, 0xfe, 0x00))).message).toBe(`${file}: is not UTF-8`);
    expect(refusal(() => load(`#${'x'.repeat(70_000)}`)).message).toBe(`${file}: is larger than 65536 bytes`);
  });

  it('for a socket path that the system would cut short, given or derived, counted in bytes', () => {
    expect(load(`socket: /${'s'.repeat(99)}\n`).socket).toHaveLength(100);
    const given = refusal(() => load(`socket: /${'é'.repeat(50)}\n`));
    expect(given.message).toMatch(/: socket: the path \S+ is 101 bytes long, and a Unix socket takes 100 at most/);
    const derived = refusal(() => loadConfig({ data: `/${'d'.repeat(89)}` }));
    expect(derived.message).toMatch(/^configuration: socket: .* is 102 bytes long/);
    expect(derived.field).toBe('socket');
  });

  it.each([
    ['the data folder itself', 'data: d\ndropFolder: { path: d }\n'],
    ['a folder above it', 'data: d/e\ndropFolder: { path: d }\n'],
    ['the keys', 'data: d\ndropFolder: { path: d/keys }\n'],
    ['the anchor', 'data: d\nledger: { anchor: a }\ndropFolder: { path: a }\n'],
    ['a folder in the vault', 'data: d\ndropFolder: { path: d/vault/x }\n'],
  ])('for a drop folder that is %s', (_what, text) => {
    expect(refusal(() => load(text)).message).toContain(`${file}: dropFolder.path: must not hold the data folder`);
  });

  it('and a drop folder beside our files in the data folder is none of those', () => {
    expect(load('data: d\ndropFolder: { path: d/drop }\n').dropFolder.path).toBe(join(folder, 'd', 'drop'));
    expect(load('data: d\ndropFolder: { path: d-drop }\n').dropFolder.path).toBe(join(folder, 'd-drop'));
  });
});
