import { Arr, Doc } from '../bson/document.ts';
import { encode } from '../bson/encode.ts';
import { fillTimestamps } from '../bson/timestamps.ts';
import { Int32 } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { CommandError } from '../errors.ts';
import { ensureCollection } from '../store/database.ts';
import type { Database } from '../store/database.ts';
import { insertDocument } from '../store/documents.ts';
import { currentTimestamp } from '../update/modifiers.ts';
import { idFirst } from '../update/upsert.ts';
import { checkCommand } from './options.ts';
import { collectionName, statementsOf, flagOf } from './request.ts';
import type { Request } from './request.ts';

/** Runs the statements of a command one by one; an error of one is reported, others are thrown. */
export function runStatements<T>(
  statements: readonly T[],
  ordered: boolean,
  run: (statement: T, index: number) => void,
): Doc[] {
  const errors: Doc[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      errors.push(writeError(index, error));
      if (ordered) break;
    }
  }
  return errors;
}

function writeError(index: number, error: CommandError): Doc {
  return Doc.of([
    ['index', new Int32(index)],
    ['code', new Int32(error.code)],
    ...error.extra,
    ['errmsg', error.message],
  ]);
}

/** `errors` as the reply's `writeErrors`, left out when there are none. */
export function errorField(errors: readonly Doc[]): [string, Value][] {
  return errors.length === 0 ? [] : [['writeErrors', Arr.of([...errors])]];
}

/** A document as it is stored: `_id` first, made up when missing. */
export function storedForm(doc: Doc): Buffer {
  const raw = doc.raw;
  const ready = raw && raw.length > 9 && raw.toString('latin1', 5, 9) === '_id\0';
  return fillTimestamps(ready ? raw : encode(idFirst(doc)), () => currentTimestamp().value);
}

/** `insert`. */
export function insert(db: Database, request: Request): Doc {
  checkCommand(request, ['documents', 'ordered', 'bypassDocumentValidation']);
  const name = collectionName(request);
  const docs = statementsOf(request, 'documents');
  const collection = ensureCollection(db, request.db, name);
  let n = 0;
  const errors = runStatements(docs, flagOf(request.body, 'ordered', true), (doc) => {
    insertDocument(db.sql, collection, storedForm(doc));
    n++;
  });
  return Doc.of([['n', new Int32(n)], ...errorField(errors), ['ok', 1]]);
}
