import { expect, test } from 'vitest';
import { othersFirst } from '../../src/web/parts/turn.ts';
import { wholeOf } from '../../src/web/queries/whole-of.ts';

const pieces = Array.from({ length: 40 }, (_, at) => new Uint8Array(10_000).fill(at));
const allBytes = Buffer.concat(pieces);

/** All of it is there before anybody reads, so that nothing but the reader lets others have their turn. */
const answerOf = (headers: Record<string, string>) =>
  new Response(
    new ReadableStream({
      start(stream) {
        for (const piece of pieces) stream.enqueue(piece);
        stream.close();
      },
    }),
    { headers },
  );

test('a long answer comes whole, whether its length is said, left out, or that of a packed form', async () => {
  for (const headers of [{ 'content-length': String(allBytes.length) }, {}, { 'content-length': '1234' }])
    expect(Buffer.from(await wholeOf(answerOf(headers))).equals(allBytes)).toBe(true);
  expect((await wholeOf(new Response(null))).byteLength).toBe(0);
});

test('while a long answer arrives everything else on the page goes on', async () => {
  let turns = 0;
  let isRead = false;
  const others = (async () => {
    for (; !isRead; turns++) await othersFirst();
  })();
  await wholeOf(answerOf({}));
  isRead = true;
  await others;
  expect(turns).toBeGreaterThan(pieces.length / 2);
});

test('an answer that breaks off is none', async () => {
  const broken = new ReadableStream({
    start: (stream) => stream.enqueue(pieces[0]),
    pull: (stream) => stream.error(new TypeError('network error')),
  });
  await expect(wholeOf(new Response(broken))).rejects.toThrow('network error');
});
