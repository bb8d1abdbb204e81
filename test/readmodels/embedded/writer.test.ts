import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { BSON } from 'mongodb';
import type { Document } from 'mongodb';
import { Doc } from '../../../src/embedded/mongodb/bson/document.ts';
import { insert } from '../../../src/embedded/mongodb/commands/insert.ts';
import { toRequest } from '../../../src/embedded/mongodb/commands/request.ts';
import type { WriteCommand } from '../../../src/embedded/mongodb/commands/table.ts';
import { openDatabase } from '../../../src/embedded/mongodb/store/database.ts';
import { createWriter } from '../../../src/embedded/mongodb/writer.ts';
import { isEmbedded, temporaryFolder } from '../support.ts';

const inserting: WriteCommand = { kind: 'write', run: insert, undoable: false };
const breaking: WriteCommand = {
  kind: 'write',
  undoable: false,
  run: (db, request) => {
    insert(db, request);
    throw new RangeError('the disk is full');
  },
};

const request = (_id: number, more: Document = {}) =>
  toRequest(
    Doc.at(Buffer.from(BSON.serialize({ insert: 'c', $db: 'd', documents: [{ _id }], ...more }))),
    new Map(),
  );

test('a write that fails unexpectedly takes all of its transaction with it, and the next ones go on', async () => {
  if (!isEmbedded) return;
  const folder = await temporaryFolder();
  const db = openDatabase(join(folder, 'mongodb.db'), 'write');
  const writer = createWriter(db);
  const answers: string[] = [];
  const run = (id: number, command: WriteCommand, more?: Document) => {
    writer.run(request(id, more), command, (reply) => {
      answers.push(`${id} ${reply instanceof Error ? 'failed' : 'done'}`);
    });
  };
  const ids = () => {
    const collection = db.catalog.find('d', 'c');
    if (!collection) return [];
    return db.sql
      .all(`SELECT b FROM d${collection.id} ORDER BY r`)
      .map((row) => BSON.deserialize(row[0] as Uint8Array)['_id'] as number);
  };
  const attempt = { lsid: { id: new BSON.UUID() }, txnNumber: BSON.Long.fromNumber(1) };

  run(1, inserting, attempt);
  run(2, breaking);
  run(3, inserting);
  await turn();
  await turn();
  expect(answers.toSorted()).toEqual(['1 failed', '2 failed', '3 done']);
  expect(ids()).toEqual([3]);

  // The failed attempt was forgotten with its effects: sent again, it is carried out.
  run(1, inserting, attempt);
  run(1, inserting, attempt);
  await turn();
  await turn();
  expect(answers.slice(3)).toEqual(['1 done', '1 done']);
  expect(ids()).toEqual([3, 1]);
  db.close();
  await rm(folder, { recursive: true });
});
