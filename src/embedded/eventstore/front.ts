/** One port for two protocols: the first bytes of a connection tell whether it speaks HTTP/2. */
import type { Server as Http1Server } from 'node:http';
import type { Http2Server } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Front {
  readonly port: number;
  /** Takes no more connections; resolves when the last one has ended. */
  stop(): Promise<void>;
  /** Ends every connection. */
  disconnect(): void;
}

/** Rejects when the port is in use. */
export async function openFront(
  http2: Http2Server,
  http1: Http1Server,
  host: string,
  port: number,
): Promise<Front> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      const isHttp2 = String(first).startsWith('PRI');
      (isHttp2 ? http2 : http1).emit('connection', socket);
      // HTTP/2 takes the socket over whole; HTTP/1 is fed by it.
      if (!isHttp2) socket.resume();
    });
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
