/** What a request's headers must be (RFC 9113, section 8). */
import type { Header } from './hpack.ts';

/** By lower-case name; repeated ones joined by commas. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>;

const PSEUDO = new Set([':method', ':scheme', ':path', ':authority']);
/** Headers that belong to a connection of HTTP/1. */
const FORBIDDEN = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const NO_VALUE = /[\0\r\n]/;

/** undefined when the request is malformed. */
export function requestHeaders(list: readonly Header[]): RequestHeaders | undefined {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  let regular = false;
  for (const [name, value] of list) {
    if (NO_VALUE.test(value)) return undefined;
    const known = headers[name];
    if (name.startsWith(':')) {
      if (regular || known !== undefined || !PSEUDO.has(name)) return undefined;
      headers[name] = value;
      continue;
    }
    regular = true;
    if (!NAME.test(name) || FORBIDDEN.has(name)) return undefined;
    if (name === 'te' && value !== 'trailers') return undefined;
    if (known === undefined) headers[name] = value;
    else headers[name] = `${known}${name === 'cookie' ? ';' : ','} ${value}`;
  }
  const { ':method': method, ':scheme': scheme, ':path': path } = headers;
  return method && scheme && path ? headers : undefined;
}
