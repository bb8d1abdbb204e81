import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The embedded MongoDB-protocol server as a process of its own. */
export interface MongoProcess {
  /** Connection string for the driver. */
  readonly url: string;
  /** From the start of the process until it listened, in milliseconds. */
  readonly startedInMs: number;
  /** Processor time that all its threads used so far, in milliseconds. Linux only. */
  cpuMs(): number;
  /** Memory that it holds now, in megabytes. Linux only. */
  residentMb(): number;
  /** Ends it by a signal; resolves once it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Starts the built program's `embedded mongodb` on a free port, or on a given one. */
export const startMongoProcess = async (
  dataDir: string,
  { port = 0, nodeOptions = [] }: { port?: number; nodeOptions?: readonly string[] } = {},
): Promise<MongoProcess> => {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [...nodeOptions, MAIN, 'embedded', 'mongodb', '--port', String(port), '--data-dir', dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TIDINGS_LOG_LEVEL: 'error' } },
  );
  const exited = once(child, 'exit').then(() => undefined);
  const line = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  const first = await Promise.race([line, exited]);
  if (first === undefined) throw new Error('the embedded MongoDB server did not start');
  return {
    url: first[0],
    startedInMs: performance.now() - began,
    ...usageOf(child),
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
};

/** The kernel counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

const usageOf = (child: ChildProcess): Pick<MongoProcess, 'cpuMs' | 'residentMb'> => {
  const proc = (file: string) => readFileSync(`/proc/${String(child.pid)}/${file}`, 'utf8');
  return {
    cpuMs: () => {
      // The command's name, which may hold spaces, ends with the last parenthesis.
      const fields = proc('stat').split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    },
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(proc('status'))?.[1]) / 1024,
  };
};
