/** Server-side filters on $all. */
import { invalidArgument, messageOf } from '../errors.ts';
import { streamOf, type StoredEvent } from '../record.ts';
import type { FilterOptions } from '../read-requests.ts';

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

/** Written for .NET: what the strict Unicode mode refuses is tried without it. */
function byRegex(source: string): (text: string) => boolean {
  let problem: unknown;
  for (const flags of ['u', '']) {
    try {
      const regex = new RegExp(source, flags);
      return (text) => regex.test(text);
    } catch (error) {
      problem = error;
    }
  }
  throw invalidArgument(`The filter's regular expression is invalid: ${messageOf(problem)}`);
}
