import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The embedded event store in a process of its own, as `tidings embedded eventstore` starts it. */
export interface EventStoreProcess {
  /** Connection string for the client. */
  readonly url: string;
  /** From the start of the process until it listened, in milliseconds. */
  readonly startedInMs: number;
  /** Processor time used so far by all its threads, in milliseconds. Linux only. */
  cpuMs(): number;
  /** Memory that it holds now, in megabytes. Linux only. */
  residentMb(): number;
  /** Ends it by a signal; resolves once it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Of `/proc/<pid>/stat`: the kernel counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

/** Starts the built program on a free port. Rejects when it ends before it listens. */
export const startEventStoreProcess = async (
  dataDir: string,
  nodeOptions: readonly string[] = [],
): Promise<EventStoreProcess> => {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [...nodeOptions, MAIN, 'embedded', 'eventstore', '--port', '0', '--data-dir', dataDir],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  const first = await Promise.race([once(child.stdout, 'data'), exited.then(() => undefined)]);
  if (first === undefined) throw new Error(`The event store didn't start: ${said.trim()}`);
  const startedInMs = performance.now() - began;
  const proc = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    url: String(first[0]).trim(),
    startedInMs,
    cpuMs() {
      // The command's name, which may hold spaces, ends with the last parenthesis.
      const fields = proc('stat').split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    },
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(proc('status'))?.[1]) / 1024,
    async end(signal) {
      child.kill(signal);
      await exited;
    },
  };
};
