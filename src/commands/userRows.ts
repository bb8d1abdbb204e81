import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { ProfileChanges } from '../domain/user/events.ts';
import { linesOf } from './lines.ts';
import { checkWishes, type RowWishes, wishesIn, wishFields } from './rowWishes.ts';
import { checkProfile } from './userInput.ts';

/** One user of a list: what is absent stays as it is, null removes it. */
export interface UserRow extends RowWishes {
  readonly userId: string;
  readonly changes: ProfileChanges;
}

/** Why a line can't be taken; `field` is `line` when the line as a whole can't be read. */
export interface RowProblem {
  readonly line: number;
  readonly code: ErrorCode;
  readonly field: string;
  readonly reason: string;
}

/** A line of the list, from 1, and what it says. */
export type ParsedRow =
  | { readonly line: number; readonly row: UserRow; readonly problem?: undefined }
  | { readonly line: number; readonly row?: undefined; readonly problem: RowProblem };

export const rowFormats = ['ndjson', 'csv'] as const;
export type RowFormat = (typeof rowFormats)[number];

/** The longest line, in characters. */
const longestLine = 64 * 1_024;

const text = z.string().nullable().optional();
const rowSchema = z.strictObject({
  id: z.union([z.string(), z.int().nonnegative().transform(String)]),
  name: text,
  email: text,
  phone: text,
  timezone: z.string().optional(),
  locale: z.string().optional(),
  attributes: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .optional(),
  ...wishFields,
});

/**
 * The users of a list, line by line, as they are read: NDJSON with one object per line, or CSV with a header
 * of the same names, where `attributes.plan` is an attribute and `attributes.seats:number` or `:boolean` says
 * what it is; an empty cell says nothing. Preferences and consents: see `wishesIn`.
 */
export const userRowsOf = (format: RowFormat, input: Readable): AsyncIterable<ParsedRow> =>
  format === 'ndjson' ? jsonRows(input) : csvRows(input);

async function* jsonRows(input: Readable): AsyncIterable<ParsedRow> {
  for await (const { line, text: content } of linesOf(input, longestLine)) {
    if (content === undefined) yield tooLong(line);
    else if (content.trim() !== '') yield parsedRow(line, () => JSON.parse(content) as unknown);
  }
}

async function* csvRows(input: Readable): AsyncIterable<ParsedRow> {
  let skipped: ParsedRow[] = [];
  const parser = input.pipe(
    parse({
      bom: true,
      columns: (header: readonly string[]) => header.map((name) => name.trim()),
      info: true,
      max_record_size: longestLine,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        // Its own message may quote the line.
        const cells = error?.code.includes('COLUMNS')
          ? 'it has another number of cells than the header'
          : 'its quotes are not those of CSV, or it is too long';
        const { lines } = error as { readonly lines?: number } & typeof error;
        skipped.push(unreadable(lines ?? 0, cells));
      },
    }),
  );
  input.on('error', (error) => parser.destroy(error));
  for await (const read of parser) {
    yield* skipped;
    skipped = [];
    const { info, record } = read as {
      readonly info: { readonly lines: number };
      readonly record: Readonly<Record<string, string>>;
    };
    yield parsedRow(info.lines, () => fieldsOf(record));
  }
  yield* skipped;
}

const prefix = 'attributes.';

const fieldsOf = (record: Readonly<Record<string, string>>): unknown => {
  const { rest: filled, wishes } = wishesIn(
    Object.entries(record).filter(([, value]) => value !== ''),
  );
  const attributes = filled.filter(([name]) => name.startsWith(prefix));
  return {
    ...Object.fromEntries(filled.filter(([name]) => !name.startsWith(prefix))),
    ...wishes,
    ...(attributes.length > 0 && {
      attributes: Object.fromEntries(attributes.map(([name, value]) => attributeOf(name, value))),
    }),
  };
};

const attributeOf = (
  column: string,
  value: string,
): readonly [string, string | number | boolean] => {
  const [name = '', type] = column.slice(prefix.length).split(':');
  if (type === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) {
    return [name, Number(value)];
  }
  if (type === 'boolean' && (value === 'true' || value === 'false'))
    return [name, value === 'true'];
  if (type === undefined || type === 'string') return [name, value];
  throw new DomainError('BAD_INPUT', `${prefix}${name} must be a ${type}`, `${prefix}${name}`);
};

const parsedRow = (line: number, read: () => unknown): ParsedRow => {
  try {
    const parsed = rowSchema.safeParse(read());
    if (!parsed.success) return { line, problem: problemOf(line, parsed.error) };
    const { id, preferences, consents, ...given } = parsed.data;
    const wishes = { ...(preferences && { preferences }), ...(consents && { consents }) };
    const changes = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as ProfileChanges;
    checkIdentifier(id, 'id');
    checkProfile(changes);
    checkWishes(wishes as RowWishes);
    return { line, row: { userId: id, changes, ...(wishes as RowWishes) } };
  } catch (error) {
    if (error instanceof SyntaxError) return unreadable(line, 'it is not valid JSON');
    if (!(error instanceof DomainError)) throw error;
    const { code, field = 'line', message: reason } = error;
    return { line, problem: { line, code, field, reason } };
  }
};

const problemOf = (line: number, { issues }: z.ZodError): RowProblem => {
  const [issue] = issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.');
  const field = path === '' ? 'line' : path.slice(0, 128);
  const reason =
    unknown === undefined ? (issue?.message ?? 'it is not understood') : 'there is no such field';
  return { line, code: 'BAD_INPUT', field, reason };
};

const unreadable = (line: number, reason: string): ParsedRow => ({
  line,
  problem: { line, code: 'BAD_INPUT', field: 'line', reason },
});

const tooLong = (line: number): ParsedRow => {
  const reason = `a line may have at most ${longestLine / 1_024} KB`;
  return { line, problem: { line, code: 'PAYLOAD_TOO_LARGE', field: 'line', reason } };
};
