import { once } from 'node:events';
import { connect } from 'node:net';
import { BSON } from 'mongodb';
import type { MongoProcess } from '../../tools/mongoProcess.ts';
import { STATES, TENANTS } from './documents.ts';
import { type Figures, measure } from './measure.ts';
import { COLLECTION, DATABASE } from './pages.ts';

const opMsg = 2013;

/** The bytes of one `find` of a page, as the driver sends them. */
const pageRequest = (n: number): Buffer => {
  const body = BSON.serialize({
    find: COLLECTION,
    filter: { tenant: `tenant-${n % TENANTS}`, status: `STATUS_${n % STATES}` },
    sort: { at: -1 },
    limit: 20,
    $db: DATABASE,
  });
  const message = Buffer.alloc(21 + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(n + 1, 4);
  message.writeInt32LE(opMsg, 12);
  message.set(body, 21);
  return message;
};

/** One connection that sends a message and waits for the whole answer. */
const connection = async (port: number) => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let answered: (() => void) | undefined;
  let missing = 0;
  socket.on('data', (chunk: Buffer) => {
    missing = (missing === 0 ? chunk.readInt32LE(0) : missing) - chunk.length;
    if (missing === 0) answered?.();
  });
  return {
    ask: (message: Buffer) =>
      new Promise<void>((resolve) => {
        answered = resolve;
        socket.write(message);
      }),
    close: () => socket.destroy(),
  };
};

/**
 * Pages for a client that reads the answers without decoding them: the driver's own garbage collection, several
 * milliseconds at a time, is left out of the latencies.
 */
export const pagesRaw = async (
  server: MongoProcess,
  { seconds, inFlight }: { seconds: number; inFlight: number },
): Promise<Figures> => {
  const port = Number(new URL(server.url).port);
  const idle = await Promise.all(Array.from({ length: inFlight }, () => connection(port)));
  const all = [...idle];
  const requests = Array.from({ length: TENANTS * STATES }, (_, n) => pageRequest(n));
  let next = 0;
  const call = async () => {
    const own = idle.pop();
    if (!own) throw new Error('more calls at once than connections');
    await own.ask(requests[next++ % requests.length] as Buffer);
    idle.push(own);
  };
  const figures = await measure(server, { seconds, inFlight }, call);
  for (const { close } of all) close();
  return figures;
};
