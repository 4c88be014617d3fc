import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { limits } from '../domain/limits.ts';

const derive = promisify(argon2);
const tagBytes = 32;
const lanes = 1;

type Parameters = { memory: number; passes: number; parallelism: number; salt: Buffer; tag: Buffer };

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');

/** argon2id (RFC 9106) of a password, as a PHC string. `salt`: 16 random bytes. */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const [memory, passes] = [limits.passwordMemoryKib, limits.passwordPasses];
  const tag = await tagOf(password, { memory, passes, parallelism: lanes, salt: Buffer.from(salt), tagBytes });
  return `$argon2id$v=19$m=${memory},t=${passes},p=${lanes}$${base64(salt)}$${base64(tag)}`;
}

/** What an unknown name is compared with, so that it costs what a known one costs. */
const nobody = `$argon2id$v=19$m=${limits.passwordMemoryKib},t=${limits.passwordPasses},p=${lanes}$${base64(Buffer.alloc(16))}$${base64(Buffer.alloc(tagBytes))}`;

let running: Promise<unknown>[] = [];

/** Whether this is the password of `phc`; false where there is none, in the same time. Few at once: each takes memory. */
export async function passwordFits(password: string, phc: string | undefined): Promise<boolean> {
  while (running.length >= limits.passwordsAtOnce) await Promise.race(running);
  const work = compare(password, phc ?? nobody);
  const done = work
    .catch(() => {})
    .then(() => {
      running = running.filter((other) => other !== done);
    });
  running = [...running, done];
  return (await work) && phc !== undefined;
}

async function compare(password: string, phc: string): Promise<boolean> {
  const { tag, ...rest } = parse(phc);
  return timingSafeEqual(await tagOf(password, { ...rest, tagBytes: tag.length }), tag);
}

function parse(phc: string): Parameters {
  const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
  const [, memory, passes, parallelism, salt = '', tag = ''] = found ?? [];
  if (!found) throw new TypeError('not an argon2id hash');
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

/** NFC, so that a password typed on another system is the same one. */
const tagOf = (
  password: string,
  { memory, passes, parallelism, salt, tagBytes: tagLength }: Omit<Parameters, 'tag'> & { tagBytes: number },
): Promise<Buffer> =>
  derive('argon2id', {
    message: Buffer.from(password.normalize('NFC'), 'utf8'),
    nonce: salt,
    memory,
    passes,
    parallelism,
    tagLength,
  }) as Promise<Buffer>;
