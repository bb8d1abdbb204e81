/** Decoding of requests that read. Field numbers as in the client's generated classes. */
import { invalidArgument } from './errors.ts';
import { readStreamName } from './requests.ts';
import { END, visit } from './wire.ts';

/** A server-side filter on $all. */
export interface FilterOptions {
  readonly on: 'stream' | 'type';
  readonly regex: string;
  readonly prefixes: readonly string[];
  /** Events between two checkpoints; the server's window times the client's multiplier. */
  readonly checkpointEvery: number;
}

/** The options of a read or a subscription. */
export interface ReadOptions {
  /** `$all` or a stream. */
  readonly stream: string;
  /** A revision or position, 0 for the start, `END` for the end. */
  readonly from: number;
  /** Whether `from` was given as a number rather than as start or end. */
  readonly exact: boolean;
  readonly backwards: boolean;
  readonly resolveLinks: boolean;
  /** Absent for a subscription. */
  readonly count?: number;
  readonly filter?: FilterOptions;
  readonly structuredIds: boolean;
}

const DEFAULT_WINDOW = 32;

export function readFilter(bytes: Buffer, start: number, end: number): FilterOptions {
  let on = 'type' as 'stream' | 'type';
  let regex = '';
  const prefixes: string[] = [];
  let window = DEFAULT_WINDOW;
  let multiplier = 1;
  visit(bytes, start, end, (field, value, from, to) => {
    if (field === 1 || field === 2) {
      on = field === 1 ? 'stream' : 'type';
      visit(bytes, from, to, (inner, _value, innerFrom, innerTo) => {
        if (inner === 1) regex = bytes.toString('utf8', innerFrom, innerTo);
        else if (inner === 2) prefixes.push(bytes.toString('utf8', innerFrom, innerTo));
      });
    } else if (field === 3) window = value;
    else if (field === 5) multiplier = value;
  });
  return { on, regex, prefixes, checkpointEvery: Math.max(1, window) * Math.max(1, multiplier) };
}

export function readReadOptions(request: Buffer): ReadOptions {
  let stream = '';
  let from = 0;
  let exact = false;
  let backwards = false;
  let resolveLinks = false;
  let count = 0;
  let subscription = false as boolean;
  let filter = undefined as FilterOptions | undefined;
  let structuredIds = true as boolean;

  const readStart = (field: number, value: number, positionField: number): void => {
    if (field === positionField) {
      from = value;
      exact = true;
    } else if (field === positionField + 1) from = 0;
    else if (field === positionField + 2) from = END;
  };

  visit(request, 0, request.length, (outer, _outer, optionsStart, optionsEnd) => {
    if (outer !== 1) return;
    visit(request, optionsStart, optionsEnd, (field, value, start, end) => {
      if (field === 1) {
        visit(request, start, end, (inner, innerValue, innerStart, innerEnd) => {
          if (inner === 1) stream = readStreamName(request, innerStart, innerEnd);
          else readStart(inner, innerValue, 2);
        });
      } else if (field === 2) {
        stream = '$all';
        visit(request, start, end, (inner, _innerValue, innerStart, innerEnd) => {
          let position = 0;
          if (inner === 1) {
            visit(request, innerStart, innerEnd, (key, commit) => {
              if (key === 1) position = commit;
            });
          }
          readStart(inner, position, 1);
        });
      } else if (field === 3) backwards = value === 1;
      else if (field === 4) resolveLinks = value !== 0;
      else if (field === 5) count = value;
      else if (field === 6) subscription = true;
      else if (field === 7) filter = readFilter(request, start, end);
      else if (field === 9) {
        visit(request, start, end, (inner) => {
          structuredIds = inner === 1;
        });
      }
    });
  });
  if (stream === '') throw invalidArgument('The stream name is empty.');
  return {
    stream,
    from,
    exact,
    backwards,
    resolveLinks,
    structuredIds,
    ...(subscription ? {} : { count }),
    ...(filter ? { filter } : {}),
  };
}
