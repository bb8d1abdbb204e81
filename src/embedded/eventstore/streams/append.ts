/** Append, one call per append, and BatchAppend, many appends over one call. */
import {
  Code,
  invalidArgument,
  maximumAppendSizeExceeded,
  streamDeleted,
  toGrpcError,
} from '../errors.ts';
import {
  appendConflict,
  appendSuccess,
  putBatchRefusal,
  putBatchSuccess,
  type BatchRefusal,
} from '../frames.ts';
import type { ProposedEvent } from '../record.ts';
import {
  readBatchFragment,
  readProposed,
  readWriteOptions,
  type BatchFragment,
  type WriteOptions,
} from '../requests.ts';
import type { AppendOutcome } from '../store/append.ts';
import type { Store } from '../store/store.ts';
import type { Call, Route } from '../transport.ts';
import { createWriter, visit } from '../wire.ts';

/** Most bytes of data and metadata in one append: EventStoreDB's default of 1 MiB. */
export const MAX_APPEND_SIZE = 1024 * 1024;

const sizeOf = (event: ProposedEvent): number =>
  event.data[1] - event.data[0] + (event.metadata[1] - event.metadata[0]);

/** The Append method: options first, then one event per message, one answer at the end. */
export const appendRoute =
  (store: Store): Route =>
  (call) => {
    let options: WriteOptions | undefined;
    let size = 0;
    const events: ProposedEvent[] = [];
    return {
      message(bytes) {
        visit(bytes, 0, bytes.length, (field, _value, start, end) => {
          if (field === 1) options = readWriteOptions(bytes, start, end, Date.now());
          else if (field === 2) {
            const event = readProposed(bytes, start, end);
            size += sizeOf(event);
            if (size > MAX_APPEND_SIZE) throw maximumAppendSizeExceeded(MAX_APPEND_SIZE);
            events.push(event);
          }
        });
      },
      end() {
        if (options === undefined) throw invalidArgument('The append has no options.');
        enqueueSingle(store, call, options, events);
      },
    };
  };

function enqueueSingle(
  store: Store,
  call: Call,
  options: WriteOptions,
  events: readonly ProposedEvent[],
): void {
  let outcome: AppendOutcome = { kind: 'deleted' };
  store.commits.enqueue({
    weight: events.length,
    apply: () => {
      outcome = store.appender.append(options, events);
    },
    committed() {
      if (outcome.kind === 'deleted') {
        call.fail(streamDeleted(options.stream));
        return;
      }
      call.write(
        outcome.kind === 'wrong'
          ? appendConflict(options.expected, outcome.current)
          : appendSuccess(outcome.revision, outcome.position),
      );
      call.finish();
    },
    failed: (error) => call.fail(error),
  });
}

interface PendingAppend {
  readonly correlation: Buffer;
  readonly options: WriteOptions | undefined;
  readonly events: ProposedEvent[];
  size: number;
  problem: unknown;
}

/**
 * The BatchAppend method. Every correlation id gets exactly one answer: the client throws on a
 * second one, and waits for ever without one, so the deadline is kept here.
 */
export const batchAppendRoute =
  (store: Store): Route =>
  (call) => {
    const pending = new Map<string, PendingAppend>();
    const answers = createAnswers(call);

    const gather = (fragment: BatchFragment, known?: PendingAppend): PendingAppend => {
      const append = known ?? {
        correlation: fragment.correlation,
        options: fragment.options,
        events: [],
        size: 0,
        problem: undefined,
      };
      for (const event of fragment.events) {
        append.size += sizeOf(event);
        // Beyond the limit nothing is kept: the append is refused when its last part arrives.
        if (append.size <= MAX_APPEND_SIZE) append.events.push(event);
      }
      append.problem ??= fragment.problem;
      return append;
    };

    return {
      message(bytes) {
        const fragment = readBatchFragment(bytes, Date.now());
        // Nearly every append comes in one part, and needs no place to wait for others.
        if (fragment.final && pending.size === 0) {
          enqueueBatched(store, answers, gather(fragment));
          return;
        }
        const key = fragment.correlation.toString('latin1');
        const append = gather(fragment, pending.get(key));
        if (!fragment.final) {
          pending.set(key, append);
          return;
        }
        pending.delete(key);
        enqueueBatched(store, answers, append);
      },
      end: () => call.finish(),
    };
  };

/** Gathers the answers of one transaction into one write. */
interface Answers {
  success(append: PendingAppend, stream: string, revision: number, position: number): void;
  refuse(append: PendingAppend, refusal: BatchRefusal, code: number, text: string): void;
}

function createAnswers(call: Call): Answers {
  const writer = createWriter(8 * 1024);
  let scheduled = false;
  const flush = (): void => {
    scheduled = false;
    call.write(writer.take());
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(flush);
  };
  return {
    success({ correlation }, stream, revision, position) {
      putBatchSuccess(writer, correlation, stream, revision, position);
      schedule();
    },
    refuse({ correlation, options }, refusal, code, text) {
      putBatchRefusal(writer, correlation, options?.stream ?? '', refusal, code, text);
      schedule();
    },
  };
}

function enqueueBatched(store: Store, answers: Answers, append: PendingAppend): void {
  const { options, events } = append;
  const refuse = (error: unknown): void => {
    const { code, message, trailers } = toGrpcError(error);
    const limit = Number(trailers['maximum-append-size']);
    const refusal: BatchRefusal =
      limit > 0 ? { type: 'MaximumAppendSizeExceeded', limit } : { type: 'Unknown' };
    answers.refuse(append, refusal, code, message);
  };
  if (options === undefined || append.problem !== undefined) {
    refuse(append.problem ?? invalidArgument('A batch append has no options.'));
    return;
  }
  if (append.size > MAX_APPEND_SIZE) {
    refuse(maximumAppendSizeExceeded(MAX_APPEND_SIZE));
    return;
  }
  let outcome: AppendOutcome | 'late' = 'late';
  store.commits.enqueue({
    weight: events.length,
    apply() {
      const late = options.deadline !== undefined && options.deadline <= Date.now();
      outcome = late ? 'late' : store.appender.append(options, events);
    },
    committed: () => answer(answers, append, options, outcome),
    failed: refuse,
  });
}

function answer(
  answers: Answers,
  append: PendingAppend,
  { stream, expected }: WriteOptions,
  outcome: AppendOutcome | 'late',
): void {
  if (outcome === 'late') {
    const text = 'The deadline passed before the append was stored.';
    answers.refuse(append, { type: 'Timeout' }, Code.deadlineExceeded, text);
  } else if (outcome.kind === 'appended') {
    answers.success(append, stream, outcome.revision, outcome.position);
  } else if (outcome.kind === 'deleted') {
    const { code, message } = streamDeleted(stream);
    answers.refuse(append, { type: 'StreamDeleted' }, code, message);
  } else {
    const refusal = { type: 'WrongExpectedVersion', expected, current: outcome.current } as const;
    answers.refuse(append, refusal, Code.failedPrecondition, 'Wrong expected version.');
  }
}
