import { bulkWrite } from './bulk-write.ts';
import { Doc } from '../bson/document.ts';
import { codes, CommandError, unsupported } from '../errors.ts';
import type { Database } from '../store/database.ts';
import {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  rename,
} from './collections.ts';
import { findAndModify } from './find-and-modify.ts';
import { buildInfo, hello } from './hello.ts';
import type { Peer } from './hello.ts';
import { createIndexes, dropIndexes, listIndexes } from './indexes.ts';
import { insert } from './insert.ts';
import { aggregate } from './aggregate.ts';
import { count, distinct } from './count.ts';
import { find, getMore } from './read.ts';
import type { Reader, Reading } from './read.ts';
import type { Request } from './request.ts';
import { remove, update } from './update.ts';

/** A command by what it needs: nothing of the store, a transaction, a look at the catalog, or steps. */
export type Command =
  | { readonly kind: 'plain'; readonly run: (peer: Peer, request: Request) => Doc }
  | WriteCommand
  | { readonly kind: 'catalog'; readonly run: (db: Database, request: Request) => Doc }
  | { readonly kind: 'read'; readonly run: (reader: Reader, request: Request) => Reading };

/** A command that runs in the writer's transaction. */
export interface WriteCommand {
  readonly kind: 'write';
  readonly run: (db: Database, request: Request) => Doc;
  /** Whether a refusal can come after a part was written; the others check each statement before its first write. */
  readonly undoable: boolean;
}

const done = (): Doc => Doc.of([['ok', 1]]);

const plain = (run: (peer: Peer, request: Request) => Doc): Command => ({ kind: 'plain', run });
const write = (run: WriteCommand['run'], undoable = false): Command => ({
  kind: 'write',
  run,
  undoable,
});
const look = (run: (db: Database, request: Request) => Doc): Command => ({ kind: 'catalog', run });
const read = (run: (reader: Reader, request: Request) => Reading): Command => ({
  kind: 'read',
  run,
});

const commands = new Map<string, Command>([
  ['hello', plain((peer) => hello(peer, false))],
  ['isMaster', plain((peer) => hello(peer, true))],
  ['ismaster', plain((peer) => hello(peer, true))],
  ['ping', plain(done)],
  ['buildInfo', plain(buildInfo)],
  ['buildinfo', plain(buildInfo)],
  ['endSessions', plain(done)],
  ['insert', write(insert)],
  ['update', write(update)],
  ['delete', write(remove)],
  ['bulkWrite', write(bulkWrite)],
  ['findAndModify', write(findAndModify)],
  ['findandmodify', write(findAndModify)],
  ['createIndexes', write(createIndexes, true)],
  ['dropIndexes', write(dropIndexes, true)],
  ['create', write(create, true)],
  ['drop', write(drop, true)],
  ['dropDatabase', write(dropDatabase, true)],
  ['renameCollection', write(rename, true)],
  ['listIndexes', look(listIndexes)],
  ['listCollections', look(listCollections)],
  ['listDatabases', look(listDatabases)],
  ['find', read(find)],
  ['getMore', read(getMore)],
  ['count', read(count)],
  ['distinct', read(distinct)],
  ['aggregate', read(aggregate)],
]);

/** Commands of MongoDB that are refused by name; anything else is unknown to MongoDB too, as far as we know. */
const refused = new Set(
  (
    'abortTransaction commitTransaction applyOps authenticate collMod collStats compact ' +
    'connectionStatus convertToCapped createUser currentOp dataSize dbHash dbStats dropUser fsync ' +
    'getCmdLineOpts getLastError getLog getParameter hostInfo killAllSessions killOp killSessions listCommands ' +
    'logout mapReduce planCacheClear profile reIndex refreshSessions replSetGetStatus saslContinue saslStart ' +
    'setParameter shutdown startSession top usersInfo validate whatsmyuri getnonce'
  ).split(' '),
);

/** Finds a command. Throws a refusal for what isn't carried. */
export function findCommand(request: Request): Command {
  const command = commands.get(request.command);
  if (command) return command;
  if (request.command === 'commitTransaction' || request.command === 'abortTransaction') {
    throw unsupported('a transaction', codes.OperationNotSupportedInTransaction);
  }
  if (refused.has(request.command)) throw unsupported(`the command '${request.command}'`);
  throw new CommandError(
    codes.CommandNotFound,
    `no such command: '${request.command}' (not supported by the embedded server)`,
  );
}
