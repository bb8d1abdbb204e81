import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Faults, LedgerRow, ProviderName, ProviderSummary } from '../../src/sandbox/index.ts';

/** Waits until `read` gives something else than undefined or false, at most ten seconds. */
export async function eventually<T>(read: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > deadline) throw new Error('it did not happen within ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** A server that records what it is sent; `answer` gives the status, 204 by default. */
export async function startReceiver(
  answer: (request: Received, number: number) => number = () => 204,
  port = 0,
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const each = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      received.push(each);
      response.writeHead(answer(each, received.length)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A directory of its own, and the way to remove it. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tidings-sandbox-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

type Summary = Readonly<Record<ProviderName, ProviderSummary>>;

/** A simulated browser's subscription, as the device to send to. */
export async function browserAt(sandboxUrl: string, name: string) {
  const response = await fetch(`${sandboxUrl}/sandbox/subscriptions/${name}`);
  const { endpoint, keys } = (await response.json()) as {
    endpoint: string;
    keys: { p256dh: string; auth: string };
  };
  return { platform: 'webpush', token: endpoint, keys } as const;
}

/** The controls of a sandbox, as a client of its HTTP pages. */
export function controlsOf(url: string) {
  const get = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  return {
    summary: async () => (await get('/sandbox/ledger/summary')) as Summary,
    rows: async () => ((await get('/sandbox/ledger')) as { rows: readonly LedgerRow[] }).rows,
    setFaults: async (provider: ProviderName, faults: Faults) => {
      const body = JSON.stringify(faults);
      await fetch(`${url}/sandbox/faults/${provider}`, { method: 'PUT', body });
    },
    clearFaults: async () => {
      await fetch(`${url}/sandbox/faults`, { method: 'DELETE' });
    },
  };
}
