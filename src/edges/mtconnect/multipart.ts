import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';

/** The boundary of a multipart/x-mixed-replace answer (RFC 2046 5.1.1), or undefined for any other. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const found = /^multipart\/x-mixed-replace\s*;.*\bboundary="?([A-Za-z0-9'()+_,./:=? -]{1,70})"?/i.exec(
    contentType ?? '',
  );
  return found?.[1]?.trim();
}

/**
 * The documents of an answer that does not end, one after the other: by their Content-length where they say it, else up to
 * the next boundary. Throws `too-large` beyond `limits.monitorDocumentBytes`.
 */
export async function* parts(source: AsyncIterable<Buffer>, boundary: string): AsyncIterable<string> {
  const mark = `--${boundary}`;
  let rest = Buffer.alloc(0);
  for await (const bytes of source) {
    rest = Buffer.concat([rest, bytes]);
    for (let part = takePart(rest, mark); part; part = takePart(rest, mark)) {
      rest = Buffer.from(rest.subarray(part.end));
      yield part.text;
    }
    if (rest.length > limits.monitorDocumentBytes)
      throw new DomainError(
        'too-large',
        `The agent sent a document of more than ${limits.monitorDocumentBytes} bytes.`,
      );
  }
}

function takePart(bytes: Buffer, mark: string): { text: string; end: number } | undefined {
  const start = bytes.indexOf(mark);
  const head = start < 0 ? -1 : bytes.indexOf('\r\n\r\n', start);
  if (head < 0) return undefined;
  const from = head + 4;
  const said = /content-length:\s*(\d{1,10})/i.exec(bytes.subarray(start, head).toString('latin1'))?.[1];
  const end = said === undefined ? bytes.indexOf(`\r\n${mark}`, from) : from + Number(said);
  if (end < from || end > bytes.length) return undefined;
  return { text: bytes.subarray(from, end).toString('utf8'), end };
}
