import { Arr, Doc } from './bson/document.ts';
import { encode, encodeReply } from './bson/encode.ts';
import type { Peer } from './commands/hello.ts';
import { checkCommand } from './commands/options.ts';
import type { Request } from './commands/request.ts';
import { getMore } from './commands/read.ts';
import type { Reader, Reading } from './commands/read.ts';
import type { Value } from './bson/values.ts';
import type { Cost } from './store/cost.ts';
import { serverStatus } from './commands/status.ts';
import type { Counters } from './commands/status.ts';
import { findCommand } from './commands/table.ts';
import { failureReply } from './errors.ts';
import { createCursors, idleCursor } from './query/cursor.ts';
import type { Cursors } from './query/cursor.ts';
import type { ReadingThread } from './reading-thread.ts';
import type { Database } from './store/database.ts';
import type { Writer } from './writer.ts';

/** A command that took long, for the log. */
export interface SlowCommand {
  readonly command: string;
  readonly namespace: string;
  readonly milliseconds: number;
  readonly docsExamined: number;
  readonly keysExamined: number;
  /** The index used, COLLSCAN, `cursor` of a later batch, or `none` of a write that searches nothing. Of a bulk, the last statement's. */
  readonly plan: string;
}

/** What the router works with. */
export interface RouterParts {
  readonly db: Database;
  readonly writer: Writer;
  readonly reading: ReadingThread;
  readonly counters: Counters;
  readonly slowMs: number;
  readonly slow: (command: SlowCommand) => void;
}

/** Runs a command and answers its reply as `encodeReply` makes it, at once or later. */
export type Router = (peer: Peer, request: Request, respond: (reply: Buffer) => void) => void;

/** A read may look at this many documents, or this many milliseconds, beside the writes; then it moves. */
const budget = { documents: 1_500, milliseconds: 4 };

function exhausted(cost: Cost, started: number): boolean {
  return cost.docs > budget.documents || performance.now() - started > budget.milliseconds;
}

/** The reply of a read that needs no pause. */
function lastOf(steps: Reading): Doc {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** The reply to `killCursors` when all of them were open. */
function killed(request: Request): Doc {
  const none = (): Arr => Arr.of([]);
  return Doc.of([
    ['cursorsKilled', request.body.get('cursors') ?? none()],
    ['cursorsNotFound', none()],
    ['cursorsAlive', none()],
    ['cursorsUnknown', none()],
    ['ok', 1],
  ]);
}

/** Thrown to itself by a read that is too long to go on beside the writes. */
const tooLong = Symbol('too long');

const handedOver = new Set(['getMore', 'killCursors', 'explain']);

/** Decides where each command runs: in the writer's transaction, beside it, or in the reading thread. */
export function createRouter(parts: RouterParts): Router {
  const { db, writer, reading, counters } = parts;
  /** Cursors whose last documents are in memory here; all others are the reading thread's. */
  const held = createCursors();

  const report = (
    request: Request,
    started: number,
    cost: Omit<SlowCommand, 'command' | 'namespace' | 'milliseconds'>,
  ): void => {
    const milliseconds = performance.now() - started;
    if (milliseconds < parts.slowMs) return;
    const name = request.body.get(request.command === 'getMore' ? 'collection' : request.command);
    const namespace = `${request.db}.${typeof name === 'string' ? name : ''}`;
    parts.slow({ command: request.command, namespace, milliseconds, ...cost });
  };

  const handOver = (request: Request, started: number, respond: (reply: Buffer) => void): void => {
    writer.afterCommit(() => {
      reading.read(encode(request.body), ({ reply, docs, keys, index }) => {
        report(request, started, costOf(docs, keys, index));
        respond(Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength));
      });
    });
  };

  const respondAfterCommit = (reply: Buffer, respond: (reply: Buffer) => void): void => {
    writer.afterCommit((failure) => {
      respond(failure ? encodeReply(failureReply(failure)) : reply);
    });
  };

  /** Reads a cursor's rest now, if that is little; answers whether it was. */
  const hold = (cursors: Cursors, cost: Cost, started: number): boolean => {
    for (const cursor of cursors.all()) {
      const rest: Doc[] = [];
      for (let next = cursor.flow.next(); !next.done; next = cursor.flow.next()) {
        if (next.value) rest.push(next.value);
        if (exhausted(cost, started)) return false;
      }
      held.closeIdle(Date.now() - idleCursor);
      held.adopt(cursor, rest[Symbol.iterator]());
    }
    return true;
  };

  /** The reply, or `tooLong` when the read has to move. */
  const readHere = (
    request: Request,
    run: (reader: Reader, request: Request) => Reading,
    started: number,
  ): Buffer | typeof tooLong => {
    const cursors = createCursors();
    const cost = { docs: 0, keys: 0, index: '' };
    const steps = run({ db, cursors, cost }, request);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) {
        if (!hold(cursors, cost, started)) return tooLong;
        report(request, started, costOf(cost.docs, cost.keys, cost.index));
        return encodeReply(step.value);
      }
      if (exhausted(cost, started)) {
        steps.return(Doc.of());
        return tooLong;
      }
    }
  };

  const isHeld = (id: Value | undefined): boolean => typeof id === 'bigint' && held.has(id);

  /** Closes the cursors held here; answers whether that were all. */
  const closeHeld = (request: Request): boolean => {
    const ids = request.body.get('cursors');
    if (!(ids instanceof Arr)) return false;
    const own = ids.items().filter(isHeld);
    for (const id of own) held.close(id as bigint);
    return own.length > 0 && own.length === ids.items().length;
  };

  const route: Router = (peer, request, respond) => {
    const started = performance.now();
    counters.count(request.command);
    if (request.command === 'getMore' && isHeld(request.body.get('getMore'))) {
      const steps = getMore({ db, cursors: held, cost: { docs: 0, keys: 0, index: '' } }, request);
      respond(encodeReply(lastOf(steps)));
      return;
    }
    if (request.command === 'killCursors' && closeHeld(request)) {
      respond(encodeReply(killed(request)));
      return;
    }
    if (handedOver.has(request.command)) {
      handOver(request, started, respond);
      return;
    }
    if (request.command === 'serverStatus') {
      checkCommand(request, [...request.body.fields().keys()]);
      respond(encodeReply(serverStatus(counters)));
      return;
    }
    const command = findCommand(request);
    switch (command.kind) {
      case 'plain':
        respond(encodeReply(command.run(peer, request)));
        return;
      case 'write':
        writer.run(request, command, (reply, { docs, keys, index }) => {
          report(request, started, costOf(docs, keys, index));
          respond(reply instanceof Error ? encodeReply(failureReply(reply)) : reply);
        });
        return;
      case 'catalog': {
        respondAfterCommit(encodeReply(command.run(db, request)), respond);
        return;
      }
      case 'read': {
        const reply = readHere(request, command.run, started);
        if (reply === tooLong) handOver(request, started, respond);
        else respondAfterCommit(reply, respond);
      }
    }
  };

  return (peer, request, respond) => {
    try {
      route(peer, request, respond);
    } catch (error) {
      respond(encodeReply(failureReply(error as Error)));
    }
  };
}

function costOf(
  docs: number,
  keys: number,
  index: string,
): Pick<SlowCommand, 'docsExamined' | 'keysExamined' | 'plan'> {
  return { docsExamined: docs, keysExamined: keys, plan: index === '' ? 'COLLSCAN' : index };
}
