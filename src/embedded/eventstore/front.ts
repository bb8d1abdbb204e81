/** One port for two protocols: the first bytes of a connection tell whether it speaks HTTP/2. */
import type { Server as Http1Server } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { PREFACE } from './http2/frames.ts';

export interface Front {
  readonly port: number;
  /** Takes no more connections; resolves when the last one has ended. */
  stop(): Promise<void>;
  /** Ends every connection. */
  disconnect(): void;
}

/** So many bytes tell the protocols apart: no method of HTTP/1 begins like HTTP/2's preface. */
const TELLING = 3;

/**
 * Gives each connection, with nothing of it read, to `onHttp2` or to `http1`. Rejects when the port is in use.
 */
export async function openFront(
  onHttp2: (socket: Socket) => void,
  http1: Http1Server,
  host: string,
  port: number,
): Promise<Front> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let first: Buffer = Buffer.alloc(0);
    const tell = (chunk: Buffer): void => {
      first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
      const length = Math.min(first.length, TELLING);
      const isHttp2 = PREFACE.compare(first, 0, length, 0, length) === 0;
      if (isHttp2 && length < TELLING) return;
      socket.off('data', tell);
      socket.pause();
      socket.unshift(first);
      if (isHttp2) onHttp2(socket);
      else http1.emit('connection', socket);
      socket.resume();
    };
    socket.on('data', tell);
  });
  return {
    port: await listen(server, host, port),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    disconnect() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
