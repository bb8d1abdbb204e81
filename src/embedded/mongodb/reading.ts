import { parentPort, workerData } from 'node:worker_threads';
import { Doc } from './bson/document.ts';
import { encodeReply } from './bson/encode.ts';
import { killCursors } from './commands/read.ts';
import type { Reader, Reading } from './commands/read.ts';
import { explain } from './commands/explain.ts';
import { countOf, toRequest } from './commands/request.ts';
import { findCommand } from './commands/table.ts';
import { codes, CommandError, failureReply, unsupported } from './errors.ts';
import { createCursors, idleCursor } from './query/cursor.ts';
import { openDatabase } from './store/database.ts';

/** A read handed to the reading thread: the command's body. */
export interface ReadJob {
  readonly id: number;
  readonly body: Uint8Array;
}

/** What the reading thread answers, and what the read cost. */
export interface ReadResult {
  readonly id: number;
  /** As `encodeReply` makes it. */
  readonly reply: Uint8Array;
  readonly docs: number;
  readonly keys: number;
  readonly index: string;
}

/** Reads take turns: after this many milliseconds the next one goes on. */
const turn = 5;

interface Running {
  readonly id: number;
  readonly reader: Reader;
  readonly steps: Reading;
  /** When `maxTimeMS` is over. */
  readonly deadline: number;
}

const db = openDatabase((workerData as { file: string }).file, 'read');
const cursors = createCursors();
const queue: Running[] = [];
let scheduled = false;

function start(job: ReadJob): void {
  const reader: Reader = { db, cursors, cost: { docs: 0, keys: 0, index: '' } };
  try {
    db.refresh();
    cursors.closeIdle(Date.now() - idleCursor);
    const request = toRequest(Doc.at(Buffer.from(job.body)), new Map());
    if (request.command === 'killCursors') {
      finish(job.id, reader, killCursors(cursors, request));
      return;
    }
    const limit = countOf(request.body, 'maxTimeMS') ?? 0;
    const deadline = limit > 0 ? performance.now() + limit : Infinity;
    queue.push({ id: job.id, reader, steps: begin(reader, request), deadline });
    schedule();
  } catch (error) {
    finish(job.id, reader, failureReply(error as Error));
  }
}

function begin(reader: Reader, request: ReturnType<typeof toRequest>): Reading {
  if (request.command === 'explain') return explain(reader, request);
  const command = findCommand(request);
  if (command.kind !== 'read') throw unsupported(`reading with '${request.command}'`);
  return command.run(reader, request);
}

function schedule(): void {
  if (scheduled || queue.length === 0) return;
  scheduled = true;
  setImmediate(() => {
    scheduled = false;
    takeTurn();
    schedule();
  });
}

function takeTurn(): void {
  const running = queue.shift();
  if (!running) return;
  const until = performance.now() + turn;
  try {
    for (;;) {
      const step = running.steps.next();
      if (step.done) {
        finish(running.id, running.reader, step.value);
        return;
      }
      if (performance.now() >= until) break;
    }
    if (performance.now() > running.deadline) {
      throw new CommandError(codes.MaxTimeMSExpired, 'operation exceeded time limit');
    }
    queue.push(running);
  } catch (error) {
    finish(running.id, running.reader, failureReply(explained(error as Error)));
  }
}

/** A table that vanished under a scan means that its collection or index was dropped. */
function explained(error: Error): Error {
  if (!error.message.includes('no such table')) return error;
  return new CommandError(175, 'the collection or index was dropped while it was read');
}

function finish(id: number, reader: Reader, reply: Doc): void {
  const bytes = new Uint8Array(encodeReply(reply));
  const result: ReadResult = { id, reply: bytes, ...reader.cost };
  parentPort?.postMessage(result, [bytes.buffer]);
}

parentPort?.on('message', start);
