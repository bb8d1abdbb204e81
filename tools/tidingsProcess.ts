import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A whole Tidings in a process of its own, as `npm start` starts it. */
export interface TidingsProcess {
  readonly url: string;
  /** Of the simulators' switches and books; empty where every provider has an account. */
  readonly sandboxUrl: string;
  /** For a day, role admin. */
  readonly token: string;
  /** One mutation or query; rejects with what the API says. */
  run<T>(document: string, variables: Readonly<Record<string, unknown>>): Promise<T>;
  /** Processor time used so far by all its threads, in milliseconds. Linux only. */
  cpuMs(): number;
  /** Memory that it holds now, in megabytes. Linux only. */
  residentMb(): number;
  /** Ends it by a signal; resolves once it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const MS_PER_TICK = 10;

/** Starts the built program with these settings, on a free port; rejects when it ends before it listens. */
export const startTidingsProcess = async (
  settings: Readonly<Record<string, string>>,
): Promise<TidingsProcess> => {
  const child = spawn(process.execPath, ['--max-old-space-size=512', MAIN, 'start'], {
    env: { ...process.env, TIDINGS_PORT: '0', TIDINGS_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  // A run that fails must leave nothing running.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  void exited.then(() => process.off('exit', kill));
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += String(chunk);
  });
  let said = '';
  const found = (pattern: RegExp) => pattern.exec(said)?.[1];
  const ready = (async () => {
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (found(/(eyJ[\w.-]+)\s/) !== undefined) return true;
    }
    return false;
  })();
  if (!(await ready)) throw new Error(`Tidings didn't start: ${complaints.trim()}`);
  const url = found(/(http:\S+)\/graphql/) ?? '';
  const sandboxUrl = found(/(http:\S+)\/sandbox\/ledger/) ?? '';
  const token = found(/(eyJ[\w.-]+)\s/) ?? '';
  const proc = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    url,
    sandboxUrl,
    token,
    run: async <T>(query: string, variables: Readonly<Record<string, unknown>>) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      const answer = (await response.json()) as { data?: T; errors?: readonly object[] };
      if (answer.errors || !answer.data) throw new Error(JSON.stringify(answer.errors));
      return answer.data;
    },
    cpuMs() {
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
