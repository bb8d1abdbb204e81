import { type Db, type Document, MongoClient, MongoServerError } from 'mongodb';
import type {
  CollectionData,
  ExpectedError,
  Operation,
  UnifiedFile,
  UnifiedTest,
} from './format.ts';
import { runsHere } from './format.ts';
import { mismatch } from './matches.ts';
import { type Entity, operate, Unknown } from './operations.ts';

/** How a test ended: as expected, refused by name, not for this server or runner, or otherwise. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'refused' | 'skipped' | 'failed'; readonly why: string };

const REFUSAL = 'not supported by the embedded server';

/** Runs one test of a file on a server. */
export const runUnified = async (
  url: string,
  file: UnifiedFile,
  test: UnifiedTest,
): Promise<Outcome> => {
  if (!runsHere(file.runOnRequirements) || !runsHere(test.runOnRequirements)) {
    return { kind: 'skipped', why: 'it is for other servers' };
  }
  if (test.skipReason !== undefined) return { kind: 'skipped', why: test.skipReason };
  const clients: MongoClient[] = [];
  const own = new MongoClient(url);
  try {
    const entities = await createEntities(url, file, clients);
    for (const data of file.initialData ?? []) await fill(own, data);
    for (const operation of test.operations) {
      const why = await runOne(entities, operation);
      if (why !== undefined) {
        return {
          kind: why.includes(REFUSAL) ? 'refused' : 'failed',
          why: `${operation.name}: ${why}`,
        };
      }
    }
    for (const data of test.outcome ?? []) {
      const stored = await own
        .db(data.databaseName)
        .collection(data.collectionName)
        .find({}, { sort: { _id: 1 } })
        .toArray();
      const why = mismatch(data.documents, stored, false);
      if (why !== undefined) return { kind: 'failed', why: `afterwards: ${why}` };
    }
    return { kind: 'passed' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof Unknown) return { kind: 'skipped', why };
    return { kind: why.includes(REFUSAL) ? 'refused' : 'failed', why };
  } finally {
    await Promise.all([own, ...clients].map((client) => client.close()));
  }
};

interface EntityOptions {
  readonly uriOptions?: Document;
  readonly databaseOptions?: Document;
  readonly collectionOptions?: Document;
}

const createEntities = async (
  url: string,
  file: UnifiedFile,
  clients: MongoClient[],
): Promise<ReadonlyMap<string, Entity>> => {
  const entities = new Map<string, Entity>();
  for (const entity of file.createEntities ?? []) {
    const [kind = ''] = Object.keys(entity);
    const of = entity[kind] as Readonly<Record<string, string>> & EntityOptions;
    const { id = '', client = '', database = '' } = of;
    if (kind === 'client') {
      const made = new MongoClient(url, of.uriOptions);
      clients.push(await made.connect());
      entities.set(id, made);
    } else if (kind === 'database') {
      const from = entities.get(client) as MongoClient;
      entities.set(id, from.db(of['databaseName'], of.databaseOptions));
    } else if (kind === 'collection') {
      const from = entities.get(database) as Db;
      entities.set(id, from.collection(of['collectionName'] ?? '', of.collectionOptions));
    } else throw new Unknown(`the entity ${kind}`);
  }
  return entities;
};

const fill = async (
  client: MongoClient,
  { databaseName, collectionName, createOptions, documents }: CollectionData,
): Promise<void> => {
  const db = client.db(databaseName);
  await db.dropCollection(collectionName).catch(() => undefined);
  await db.createCollection(collectionName, createOptions ?? {});
  if (documents.length > 0) await db.collection(collectionName).insertMany([...documents]);
};

/** Why an operation didn't do what was expected, or undefined. */
const runOne = async (
  entities: ReadonlyMap<string, Entity>,
  {
    name,
    object,
    arguments: options = {},
    expectResult,
    expectError,
    ignoreResultAndError,
  }: Operation,
): Promise<string | undefined> => {
  const entity = entities.get(object);
  if (!entity) throw new Unknown(`${name} of ${object}`);
  let result: unknown;
  try {
    result = await operate(entity, name, options);
  } catch (error) {
    if (error instanceof Unknown) throw error;
    if (ignoreResultAndError) return undefined;
    return expectError ? wrongError(expectError, error as Error) : (error as Error).message;
  }
  if (expectError) return `expected an error, got ${JSON.stringify(result)}`;
  if (expectResult === undefined) return undefined;
  return mismatch(expectResult, result, !Array.isArray(expectResult));
};

const wrongError = (expected: ExpectedError, error: Error): string | undefined => {
  const given = error as Error & Record<string, unknown>;
  const { errorCode, errorCodeName, errorContains, isClientError, writeErrors } = expected;
  const refused = error.message.includes(REFUSAL) ? ` (${error.message})` : '';
  const isServers = error instanceof MongoServerError || 'writeErrors' in error;
  if (isClientError !== undefined && isClientError === isServers)
    return `a wrong side: ${error.message}`;
  if (errorCode !== undefined && given['code'] !== errorCode) {
    return `expected code ${errorCode}, got ${String(given['code'])}${refused}`;
  }
  if (errorCodeName !== undefined && given['codeName'] !== errorCodeName) {
    return `expected ${errorCodeName}, got ${String(given['codeName'])}${refused}`;
  }
  if (
    errorContains !== undefined &&
    !error.message.toLowerCase().includes(errorContains.toLowerCase())
  ) {
    return `expected '${errorContains}' in '${error.message}'`;
  }
  if (writeErrors !== undefined) {
    const why = mismatch(writeErrors, given['writeErrors'], true);
    if (why !== undefined) return `${why}${refused}`;
  }
  if (expected.expectResult === undefined) return undefined;
  return mismatch(expected.expectResult, given['partialResult'] ?? given['result'], true);
};
