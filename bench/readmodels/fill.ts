import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BSON } from 'mongodb';
import { Doc } from '../../src/embedded/mongodb/bson/document.ts';
import { createIndexes } from '../../src/embedded/mongodb/commands/indexes.ts';
import { toRequest } from '../../src/embedded/mongodb/commands/request.ts';
import { existing, openDatabase } from '../../src/embedded/mongodb/store/database.ts';
import { insertDocument } from '../../src/embedded/mongodb/store/documents.ts';
import { INDEXES, notification } from './documents.ts';
import { COLLECTION, DATABASE } from './pages.ts';

/** Fills a server's data directory before the server starts, through its own store but not the wire. */
export const fill = (dataDir: string, documents: number): void => {
  mkdirSync(dataDir, { recursive: true });
  const db = openDatabase(join(dataDir, 'mongodb.db'), 'write');
  const indexes = INDEXES.map((key) => ({ key, name: Object.keys(key).join('_') }));
  const command = BSON.serialize({ createIndexes: COLLECTION, $db: DATABASE, indexes });
  createIndexes(db, toRequest(Doc.at(Buffer.from(command)), new Map()));
  const collection = existing(db, DATABASE, COLLECTION);
  for (let n = 0; n < documents;) {
    db.sql.exec('BEGIN IMMEDIATE');
    for (const end = Math.min(documents, n + 10_000); n < end; n++) {
      insertDocument(db.sql, collection, Buffer.from(BSON.serialize(notification(n, 0))));
    }
    db.sql.exec('COMMIT');
  }
  db.close();
};
