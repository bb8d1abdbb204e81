/** Backup and scavenge of a data directory, whether a server has it open or not. */
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { resolve } from 'node:path';
import { Code, messageOf } from '../errors.ts';
import { frameOf } from '../frames.ts';
import { assertPresent } from '../store/database.ts';
import { openStore, type Store } from '../store/store.ts';
import { backupStore } from './backup.ts';
import { readContact, type Contact } from './contact.ts';
import { OPERATOR_BACKUP, OPERATOR_SCAVENGE, PASSWORD_HEADER } from './operator.ts';
import { startScavenge } from './scavenge.ts';

/**
 * Copies the store of `dataDir` into `folder`, which is created; a running server goes on serving
 * meanwhile. Rejects when there is no store or the folder holds a backup already.
 */
export async function backupDataDir(dataDir: string, folder: string): Promise<void> {
  const target = resolve(folder);
  const asked = await ask(dataDir, OPERATOR_BACKUP, target);
  if (asked === undefined) await withStore(dataDir, (store) => backupStore(store, target));
}

/** Removes what is expired, truncated or deleted; resolves with the number of events removed. */
export async function scavengeDataDir(dataDir: string): Promise<number> {
  const asked = await ask(dataDir, OPERATOR_SCAVENGE, '');
  if (asked !== undefined) return Number(asked);
  return withStore(dataDir, (store) => startScavenge(store).done);
}

async function withStore<Result>(
  dataDir: string,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  assertPresent(dataDir);
  const store = openStore(dataDir);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

/** The answer of the server that has `dataDir` open, or undefined when none can be reached. */
async function ask(dataDir: string, path: string, argument: string): Promise<string | undefined> {
  const contact = readContact(dataDir);
  return contact && call(contact, path, argument);
}

function call(contact: Contact, path: string, argument: string): Promise<string | undefined> {
  const host = contact.host.includes(':') ? `[${contact.host}]` : contact.host;
  return new Promise((answered, refused) => {
    const session = connect(`http://${host}:${contact.port}`);
    // Nobody listens there any more: the file was left by a server that was killed.
    session.once('error', () => answered(undefined));
    session.once('connect', () => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc+proto',
        [PASSWORD_HEADER]: contact.password,
      });
      const parts: Buffer[] = [];
      let status: unknown;
      let message = '';
      const note = (headers: IncomingHttpHeaders): void => {
        status = headers['grpc-status'] ?? status;
        const said = headers['grpc-message'];
        if (typeof said === 'string') message = decodeURIComponent(said);
      };
      stream.on('response', note).on('trailers', note);
      stream.on('data', (chunk: Buffer) => parts.push(chunk));
      stream.on('error', (error) => (message ||= messageOf(error)));
      stream.on('close', () => {
        session.close();
        // Another store's server has got the port of one that was killed.
        if (status === String(Code.permissionDenied)) answered(undefined);
        else if (status === '0') answered(Buffer.concat(parts).toString('utf8', 5));
        else refused(new Error(message || 'The event store ended before it answered.'));
      });
      stream.end(frameOf(Buffer.from(argument)));
    });
  });
}
