import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Counters } from './commands/status.ts';
import type { Router } from './router.ts';
import { createFrames } from './wire/frames.ts';
import { parseMessage, replyBytes } from './wire/message.ts';

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Stops listening and cuts all connections. */
  close(): Promise<void>;
}

/** Where to listen: an address, or the path of a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** Serves a router's commands on one address. */
export async function serve(
  router: Router,
  counters: Counters,
  address: Address,
): Promise<RunningServer> {
  const sockets = new Set<Socket>();

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    counters.connections++;
    const peer = { connection: ++counters.connectionsCreated, address: addressOf(socket, address) };
    const frames = createFrames();
    socket.on('data', (chunk) => {
      try {
        frames.push(chunk, (bytes) => {
          const message = parseMessage(bytes);
          router(peer, message.request, (reply) => {
            if (!message.silent && socket.writable) socket.write(replyBytes(message, reply));
          });
        });
      } catch {
        // What isn't a message of the protocol ends the connection, as in MongoDB.
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      counters.connections--;
    });
  });
  if ('path' in address) await clearStale(address.path);
  await listening(server, address);

  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? (bound satisfies AddressInfo).port : 0,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function addressOf(socket: Socket, address: Address): string {
  if ('path' in address) return address.path;
  return `${socket.localAddress ?? '127.0.0.1'}:${socket.localPort ?? 0}`;
}

function listening(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Removes the socket file that a killed server left behind; one that somebody answers on stays. */
async function clearStale(path: string): Promise<void> {
  const refused = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED');
    });
  });
  if (refused) await rm(path, { force: true });
}
