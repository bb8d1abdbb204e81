import { skip } from './skip.ts';

/** What `find` answers where there is no such field, and where it can't tell. */
export const missing = -1;
export const unknown = -2;

/** Where the element called `key` starts, `missing`, or `unknown` when the key isn't plain ASCII. */
export function find(buffer: Buffer, start: number, key: string): number {
  const length = key.length;
  let at = start + 4;
  for (;;) {
    const type = buffer[at] as number;
    if (type === 0) return missing;
    let q = at + 1;
    let i = 0;
    while (i < length) {
      const code = key.charCodeAt(i);
      if (code > 0x7f) return unknown;
      if (buffer[q] !== code) break;
      i++;
      q++;
    }
    if (i === length && buffer[q] === 0) return at;
    while (buffer[q] !== 0) q++;
    at = skip(buffer, type, q + 1);
  }
}

/** Where the element that starts at `at` ends. */
export function elementEnd(buffer: Buffer, at: number): number {
  let q = at + 1;
  while (buffer[q] !== 0) q++;
  return skip(buffer, buffer[at] as number, q + 1);
}
