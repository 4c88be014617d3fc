import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '../../domain/errors.ts';
import { sessionHeader } from './contract/session.ts';

const headerName = sessionHeader.toLowerCase();

/**
 * That a request which changes something was made by a page of ours. No form and no page of another origin can send the
 * header without asking us first, which is never answered; and the browser itself says where the request comes from
 * (Fetch Metadata, or Origin in older ones). Throws `forbidden-origin`.
 */
export function requireOwnOrigin(headers: IncomingHttpHeaders, publicOrigin: string): void {
  const { 'sec-fetch-site': site, origin, [headerName]: marked } = headers;
  const isOwn = site === undefined ? origin === publicOrigin : site === 'same-origin';
  if (marked === '1' && isOwn) return;
  throw new DomainError(
    'forbidden-origin',
    `This request does not come from a page of this gateway: open ${publicOrigin}/app/ and try again.`,
  );
}

/** RFC 9110 9.2.1. */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';
