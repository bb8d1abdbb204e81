import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEventStore } from '../../src/embedded/eventstore/index.ts';
import { startEmbeddedMongo } from '../../src/embedded/mongodb/index.ts';
import { connectEventStore, type EventLog } from '../../src/eventstore/client.ts';
import { connectDatabase, type Database } from '../../src/readmodels/database.ts';

/** A folder of a test's own. */
export const temporaryFolder = async (): Promise<{
  readonly path: string;
  remove(): Promise<void>;
}> => {
  const path = await mkdtemp(join(tmpdir(), 'tidings-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

/** A database of a test's own: on TIDINGS_TEST_MONGODB_URL, or on an embedded server. */
export const openDatabase = async (): Promise<{
  readonly database: Database;
  close(): Promise<void>;
}> => {
  const given = process.env['TIDINGS_TEST_MONGODB_URL'];
  const folder = await temporaryFolder();
  const server = given === undefined ? await startEmbeddedMongo({ dataDir: folder.path }) : null;
  const name = `tidings_test_${randomUUID().slice(0, 8)}`;
  const database = await connectDatabase(server?.url ?? given ?? '', name);
  return {
    database,
    close: async () => {
      if (given !== undefined) await database.db.dropDatabase();
      await database.close();
      await server?.close();
      await folder.remove();
    },
  };
};

/** The log on TIDINGS_TEST_EVENTSTORE_URL, or on an embedded server; ids must be a test's own. */
export const openLog = async (): Promise<{
  readonly log: EventLog;
  /** One more client. */
  connect(): EventLog;
  close(): Promise<void>;
}> => {
  const given = process.env['TIDINGS_TEST_EVENTSTORE_URL'];
  const folder = await temporaryFolder();
  const server =
    given === undefined ? await startEmbeddedEventStore({ dataDir: folder.path }) : null;
  const logs: EventLog[] = [];
  const connect = () => {
    const log = connectEventStore(server?.url ?? given ?? '');
    logs.push(log);
    return log;
  };
  return {
    log: connect(),
    connect,
    close: async () => {
      await Promise.all(logs.map((log) => log.close()));
      await server?.close();
      await folder.remove();
    },
  };
};
