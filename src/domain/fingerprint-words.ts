import { type Digest, digestHex } from './digest.ts';

/** Short, plain, unlike one another over the noise of a shop; 64 of each, so that an index is six bits. */
const first = `amber ashen birch black blue brass brave brick bright broad bronze brown calm cedar chalk clear
  cobalt cold copper coral cotton cream crisp dark deep dry dusty even fast flint fresh frosty
  gentle gold grand grassy green grey heavy hollow indigo iron ivory jade keen large lemon light
  lime linen lucky maple marble mellow misty navy noble north oak olive pearl plain purple quick`.split(/\s+/);
const second = `anchor anvil apple arrow badger barrel basin beacon bear bell bison bridge bucket button cabin candle
  canyon castle cliff clover comet compass crane crown desert dolphin drum eagle engine falcon feather ferry
  forest fountain garden hammer harbor hawk hill island jacket kettle ladder lantern lion magnet meadow mill
  mirror needle orchard otter paddle piano pillow pond pulley rabbit river rocket saddle shovel tiger tower`.split(
  /\s+/,
);

/**
 * A digest as two words and a number, for people who compare by eye and ear: `copper-anvil-17`. Bytes that differ by
 * accident have the same words once in 400,000; what was changed on purpose is found by digests and signatures, never by these.
 */
export function fingerprintWords(digest: Digest): string {
  const bits = Number.parseInt(digestHex(digest).slice(0, 10), 16);
  const number = String(bits % 100).padStart(2, '0');
  return `${first[Math.floor(bits / 100) % 64]}-${second[Math.floor(bits / 6_400) % 64]}-${number}`;
}
