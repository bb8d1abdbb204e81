/** Delete hides a stream's events, Tombstone ends the stream for ever. */
import { invalidArgument, streamDeleted, wrongExpectedVersion } from '../errors.ts';
import { deleteSuccess } from '../frames.ts';
import { readWriteOptions, type StreamExpectation } from '../requests.ts';
import type { AppendOutcome } from '../store/append.ts';
import type { Store } from '../store/store.ts';
import type { Route } from '../transport.ts';
import { visit } from '../wire.ts';

export const deleteRoute = (store: Store): Route =>
  deletionRoute(store, (options) => store.appender.softDelete(options));

export const tombstoneRoute = (store: Store): Route =>
  deletionRoute(store, (options) => store.appender.tombstone(options));

const deletionRoute =
  (store: Store, act: (options: StreamExpectation) => AppendOutcome): Route =>
  (call) => ({
    message(bytes) {
      let options: StreamExpectation | undefined;
      visit(bytes, 0, bytes.length, (field, _value, start, end) => {
        if (field === 1) options = readWriteOptions(bytes, start, end, Date.now());
      });
      if (options === undefined) throw invalidArgument('The request has no options.');
      const { stream, expected } = options;
      const request = options;
      store.commits
        .transact(() => act(request))
        .then(
          (outcome) => {
            if (outcome.kind === 'appended') {
              call.write(deleteSuccess(outcome.position));
              call.finish();
            } else if (outcome.kind === 'deleted') call.fail(streamDeleted(stream));
            else call.fail(wrongExpectedVersion(stream, expected, outcome.current));
          },
          (error: unknown) => call.fail(error),
        );
    },
  });
