import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

// Not imported: see edges/http/transport.ts.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

/** Where posts may go: addresses that begin with `url`, at these networks (CIDR) and nowhere else. */
export type PostTarget = { url: string; networks: readonly string[] };

/**
 * Posts to an address that the configuration allows, and nowhere else: neither a redirect nor a name that somebody points to
 * another machine leads further, since the address that is connected to is looked at itself. Resolves with the status;
 * throws `forbidden` for an address that is not allowed, `gateway-unreachable` where nobody answers in time.
 */
export async function guardedPost(
  targets: readonly PostTarget[],
  url: string,
  { headers, body }: { headers: Record<string, string>; body: Buffer },
  resolveName: typeof lookup = lookup,
): Promise<number> {
  const target = requireTarget(targets, url);
  const to = new URL(url);
  const allowed = networksOf(target);
  const host = to.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isAllowed(allowed, { address: host, family: isIP(host) })) throw notAllowed(host);
  const options = {
    ...{ method: 'POST', host, port: to.port || undefined, path: to.pathname, agent: false as const },
    headers: { ...headers, 'content-length': String(body.length) },
    lookup: guardedLookup(allowed, resolveName),
    signal: AbortSignal.timeout(limits.webhookAnswerMs),
  };
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = (to.protocol === 'https:' ? https : http).request(options, (answer) => {
    resolve(answer.statusCode ?? 0);
    // What it says beyond its status is nobody's business, however long it goes on.
    answer.destroy();
  });
  request.once('error', (error) => reject(error instanceof DomainError ? error : unreachable(to.host, error)));
  request.end(body);
  return promise;
}

/** Throws `forbidden` for a URL that the configuration does not list. */
export function requireTarget(targets: readonly PostTarget[], url: string): PostTarget {
  const target = targets.find((one) => new URL(url).href.startsWith(new URL(one.url).href));
  if (target) return target;
  throw new DomainError('forbidden', 'The configuration (http.webhooks) does not list this address.', { field: 'url' });
}

function networksOf({ networks }: PostTarget): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

const isAllowed = (networks: BlockList, { address, family }: LookupAddress): boolean =>
  networks.check(address, family === 6 ? 'ipv6' : 'ipv4');

/** Only addresses that are allowed are connected to, whatever the name stands for at this moment. */
function guardedLookup(networks: BlockList, resolveName: typeof lookup): LookupFunction {
  return (name, options, done) => {
    resolveName(name, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '');
      const good = found.filter((one) => isAllowed(networks, one));
      const [first] = good;
      if (!first) return done(notAllowed(name), '');
      if (options.all) return done(null, good);
      done(null, first.address, first.family);
    });
  };
}

const notAllowed = (name: string) =>
  new DomainError('forbidden', `${name} is in none of the networks that the configuration allows for it.`);
const unreachable = (host: string, error: NodeJS.ErrnoException) =>
  new DomainError('gateway-unreachable', `${host} did not take it: ${error.code ?? error.name}.`, { cause: error });
