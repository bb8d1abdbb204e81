import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The whole program in a process of its own, as `npm start` starts it. */
export interface TidingsProcess {
  readonly url: string;
  /** @throws Error with the code of the answer's first error */
  ask<T>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** A request to the REST API that has to succeed. */
  send(path: string, type: string, body: string): Promise<unknown>;
  /** Memory that it holds now, in megabytes. Linux only. */
  residentMb(): number;
  /** Processor time used so far by all its threads, in milliseconds. Linux only. */
  cpuMs(): number;
  /** Ends it by a signal; resolves once it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const MS_PER_TICK = 10;
const PATIENCE_MS = 60_000;

/** Starts the built program on a free port and waits until it is ready. */
export const startTidingsProcess = async (
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TidingsProcess> => {
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=512', MAIN, 'start', '--port', '0', '--data-dir', dataDir],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TIDINGS_LOG_LEVEL: 'error', ...settings },
    },
  );
  const exited = once(child, 'exit');
  // A run that fails must leave nothing running.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  void exited.then(() => process.off('exit', kill));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)));
  let out = '';
  const told = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += String(chunk);
      if (/^ {2}ey\S+$/m.test(out)) resolve();
    });
  });
  const isUp = await Promise.race([told.then(() => true), exited.then(() => false)]);
  if (!isUp) throw new Error(`Tidings didn't start: ${said.trim()}`);
  const url = /GraphQL\s+(\S+)\/graphql/.exec(out)?.[1] ?? '';
  const authorization = `Bearer ${/^ {2}(ey\S+)$/m.exec(out)?.[1] ?? ''}`;
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.ok) break;
    if (Date.now() > deadline) throw new Error(`Tidings is not ready: ${said.trim()}`);
    await after(50);
  }
  const proc = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');

  const post = async (path: string, type: string, body: string) => {
    const headers = { 'content-type': type, authorization };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    url,
    ask: async <T>(query: string, variables = {}) => {
      const body = JSON.stringify({ query, variables });
      const { data, errors } = (await post('/graphql', 'application/json', body)) as {
        readonly data: T;
        readonly errors?: readonly { readonly message: string }[];
      };
      if (errors?.[0]) throw new Error(errors[0].message);
      return data;
    },
    send: post,
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(proc('status'))?.[1]) / 1024,
    cpuMs: () => {
      // The command's name, which may hold spaces, ends with the last parenthesis.
      const fields = proc('stat').split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    },
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
};
