import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { SingleBar } from 'cli-progress';
import { type ImportReport, inBatches } from '../commands/importUsers.ts';
import {
  type ParsedRow,
  type RowFormat,
  type RowProblem,
  userRowsOf,
} from '../commands/userRows.ts';
import type { CliPorts } from './ports.ts';

export interface ImportOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly url?: string;
  readonly dataDir?: string;
}

/** Users per call of the API. */
const batchSize = 1_000;
const mostShown = 20;
const tokenSeconds = 24 * 3_600;

type Counts = Omit<ImportReport, 'problems'>;

/**
 * `tidings users import`: reads a list line by line and hands it to a running Tidings a thousand users at a
 * time. What was handed over stays; to import the list again changes nothing twice.
 *
 * @returns 0 when every line was taken, 1 otherwise
 */
export const importUsers = async (
  ports: CliPorts,
  path: string,
  options: ImportOptions,
): Promise<number> => {
  const format = formatOf(path);
  const { size } = await stat(path);
  const file = createReadStream(path);
  const send = options.dryRun ? () => Promise.resolve(undefined) : await senderOf(ports, options);
  const bar = new SingleBar({
    stream: process.stderr,
    format: ' {bar} {percentage}% | {rows} users, {refused} refused | {duration_formatted}',
    hideCursor: true,
  });
  let counts: Counts = { rows: 0, registered: 0, updated: 0, unchanged: 0, refused: 0 };
  const problems: RowProblem[] = [];
  bar.start(size, 0, counts);
  try {
    for await (const batch of inBatches(userRowsOf(format, file), batchSize)) {
      const good = batch.filter((one) => one.problem === undefined);
      const report = good.length > 0 ? await send(good) : undefined;
      const found = [...batch.flatMap(({ problem }) => problem ?? []), ...(report?.problems ?? [])];
      counts = added(counts, report, batch.length, found.length);
      for (const problem of found) if (problems.length < batchSize) problems.push(problem);
      bar.update(file.bytesRead, counts);
    }
  } finally {
    bar.stop();
  }
  print(counts, problems, options);
  return counts.refused > 0 ? 1 : 0;
};

const formatOf = (path: string): RowFormat => {
  const ending = extname(path).toLowerCase();
  if (ending === '.csv') return 'csv';
  if (ending === '.ndjson' || ending === '.jsonl') return 'ndjson';
  throw new Error('the file must end with .ndjson, .jsonl or .csv');
};

type Send = (batch: readonly ParsedRow[]) => Promise<ImportReport | undefined>;

/** Hands users to the API; what it says of a line is said of the line of the file. */
const senderOf = async (ports: CliPorts, options: ImportOptions): Promise<Send> => {
  const { dataDir } = options;
  const config = ports.readConfig(dataDir === undefined ? {} : { TIDINGS_DATA_DIR: dataDir });
  const url = options.url ?? config.publicUrl ?? `http://${config.host}:${config.port}`;
  const token = await ports.signToken(config, { role: 'service', clientId: 'cli' }, tokenSeconds);
  return async (batch) => {
    const rows = batch.flatMap((one) => (one.problem ? [] : [one.row]));
    const lines = rows.map(({ userId, changes, ...wishes }) =>
      JSON.stringify({ id: userId, ...changes, ...wishes }),
    );
    const response = await fetch(`${url}/api/v1/users/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
      body: lines.join('\n'),
    }).catch((cause: unknown) => {
      throw new Error(`nothing answers at ${url}; start Tidings there, or name it with --url`, {
        cause,
      });
    });
    if (!response.ok)
      throw new Error(`${url} answered ${response.status}: ${await saying(response)}`);
    const report = (await response.json()) as ImportReport;
    const inFile = ({ line, ...rest }: RowProblem) => ({
      ...rest,
      line: batch[line - 1]?.line ?? 0,
    });
    return { ...report, problems: report.problems.map(inFile) };
  };
};

const saying = async (response: Response): Promise<string> => {
  const answer = (await response.json().catch(() => undefined)) as
    { readonly error?: { readonly message?: string } } | undefined;
  return answer?.error?.message ?? response.statusText;
};

const added = (
  before: Counts,
  report: ImportReport | undefined,
  rows: number,
  refused: number,
): Counts => ({
  rows: before.rows + rows,
  registered: before.registered + (report?.registered ?? 0),
  updated: before.updated + (report?.updated ?? 0),
  unchanged: before.unchanged + (report?.unchanged ?? 0),
  refused: before.refused + refused,
});

const print = (
  counts: Counts,
  problems: readonly RowProblem[],
  { dryRun, json }: ImportOptions,
) => {
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...counts, problems, dryRun })}\n`);
    return;
  }
  for (const { line, field, reason, code } of problems.slice(0, mostShown)) {
    process.stderr.write(`line ${line}: ${field}: ${reason} (${code})\n`);
  }
  const more = counts.refused - mostShown;
  if (more > 0) process.stderr.write(`and ${more} more\n`);
  const { rows, registered, updated, unchanged, refused } = counts;
  const done = dryRun
    ? `${rows - refused} could be imported`
    : `${registered} registered, ${updated} updated, ${unchanged} unchanged`;
  process.stdout.write(`${rows} users: ${done}, ${refused} refused\n`);
};
