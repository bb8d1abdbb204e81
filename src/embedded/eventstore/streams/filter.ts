/** Server-side filters on $all. */
import { invalidArgument } from '../errors.ts';
import { streamOf, type StoredEvent } from '../record.ts';
import type { FilterOptions } from '../requests.ts';

export type EventFilter = (event: StoredEvent) => boolean;

/** Compiles a filter. Throws INVALID_ARGUMENT for a regular expression that doesn't compile. */
export function compileFilter(options: FilterOptions | undefined): EventFilter | undefined {
  if (options === undefined) return undefined;
  const matches = options.regex === '' ? byPrefix(options.prefixes) : byRegex(options.regex);
  if (options.on === 'stream') return (event) => matches(streamOf(event.record));
  const known = new Map<string, boolean>();
  return ({ type }) => {
    const cached = known.get(type);
    if (cached !== undefined) return cached;
    const result = matches(type);
    if (known.size < 10_000) known.set(type, result);
    return result;
  };
}

const byPrefix =
  (prefixes: readonly string[]) =>
  (text: string): boolean =>
    prefixes.some((prefix) => text.startsWith(prefix));

function byRegex(source: string): (text: string) => boolean {
  try {
    const regex = new RegExp(source, 'u');
    return (text) => regex.test(text);
  } catch (error) {
    throw invalidArgument(`The filter's regular expression is invalid: ${String(error)}`);
  }
}
