import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Doc } from './bson/document.ts';
import { Int32 } from './bson/values.ts';
import { killCursors } from './commands/read.ts';
import type { Peer } from './commands/hello.ts';
import { findCommand } from './commands/table.ts';
import { codes, codeName, CommandError } from './errors.ts';
import { createCursors } from './query/cursor.ts';
import type { Database } from './store/database.ts';
import { createFrames } from './wire/frames.ts';
import { encodeReply, parseMessage, replyBytes, WireError } from './wire/message.ts';
import type { Message } from './wire/message.ts';
import { createWriter } from './writer.ts';

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves a store on one address. */
export async function serve(db: Database, host: string, port: number): Promise<RunningServer> {
  const writer = createWriter(db);
  const cursors = createCursors();
  const sockets = new Set<Socket>();
  let connections = 0;

  const answer = (socket: Socket, message: Message, reply: Doc): void => {
    if (!message.silent && socket.writable) socket.write(replyBytes(message, encodeReply(reply)));
  };

  const execute = (socket: Socket, peer: Peer, message: Message): void => {
    const { request } = message;
    const respond = (reply: Doc | Error): void => {
      answer(socket, message, reply instanceof Error ? failure(reply) : reply);
    };
    try {
      if (request.command === 'killCursors') {
        respond(killCursors(cursors, request));
        return;
      }
      const command = findCommand(request);
      switch (command.kind) {
        case 'plain':
          respond(command.run(peer, request));
          return;
        case 'write':
          writer.run(request, command.run, respond);
          return;
        case 'catalog': {
          const reply = command.run(db, request);
          writer.afterCommit(() => respond(reply));
          return;
        }
        case 'read': {
          const steps = command.run({ db, cursors, cost: { docs: 0, keys: 0 } }, request);
          let step = steps.next();
          while (!step.done) step = steps.next();
          const reply = step.value;
          writer.afterCommit(() => respond(reply));
        }
      }
    } catch (error) {
      respond(error as Error);
    }
  };

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const peer = { connection: ++connections, address: addressOf(socket) };
    const frames = createFrames();
    socket.on('data', (chunk) => {
      try {
        frames.push(chunk as Buffer, (bytes) => {
          execute(socket, peer, parseMessage(bytes));
        });
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await listening(server, host, port);

  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      writer.commit();
      for (const socket of sockets) socket.destroy();
      await closed;
      db.close();
    },
  };
}

function addressOf(socket: Socket): string {
  return `${socket.localAddress ?? '127.0.0.1'}:${socket.localPort ?? 0}`;
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The reply for anything that was thrown. */
function failure(error: Error): Doc {
  if (error instanceof CommandError) return error.reply();
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return Doc.of([
    ['ok', 0],
    ['errmsg', `the embedded server failed: ${error.message}${cause}`],
    ['code', new Int32(codes.InternalError)],
    ['codeName', codeName(codes.InternalError)],
  ]);
}
