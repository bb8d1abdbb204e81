import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/domain/decider.ts';
import { broadcast, type BroadcastCommand } from '../../../src/domain/broadcast/broadcast.ts';
import { broadcastCommands, broadcastEvents } from '../../support/arbitraries.ts';
import { example, without } from '../../support/examples.ts';
import { afterCommands, isRepeatable } from '../../support/repeat.ts';
import { specFor, steady } from '../../support/spec.ts';

const given = specFor(broadcast);
const requested = example('BroadcastRequested');
const refused = example('BroadcastLinesRefused');
const takenUp = example('BroadcastTakenUp');
const page = example('BroadcastPageExpanded');
const paused = example('BroadcastPaused');
const resumed = example('BroadcastResumed');
const completed = example('BroadcastCompleted');
const cancelled = example('BroadcastCancelled');

const request = { type: 'RequestBroadcast', request: requested.data, refusals: [] } as const;
const pause = { type: 'PauseBroadcast', ...paused.data } as const;
const resume = { type: 'ResumeBroadcast', ...resumed.data } as const;
const cancel = { type: 'CancelBroadcast', ...cancelled.data } as const;
const { page: _, ...firstPage } = page.data;
const record: BroadcastCommand & { readonly type: 'RecordPage' } = {
  type: 'RecordPage',
  ...firstPage,
  isLast: false,
};

describe('a broadcast', () => {
  test('is requested once, with the lines that were refused', () => {
    given().when(request).then(requested);
    given()
      .when({ ...request, ...refused.data })
      .then(requested, refused);
    given(requested).when(request).thenNothing();
    given(requested)
      .when({ ...request, request: { ...requested.data, fingerprint: 'f2' } })
      .thenRefused('IDEMPOTENCY_KEY_REUSED', 'idempotencyKey');
  });

  test('is expanded page by page, each recorded once', () => {
    given(requested, takenUp).when(record).then(page);
    given(requested, takenUp, page).when(record).thenNothing();
    given(requested, takenUp, page)
      .when({ ...record, after: 'eve', cursor: 'zoe' })
      .then(example('BroadcastPageExpanded', { page: 2, cursor: 'zoe' }));
  });

  test('is complete with its last page, which may be empty', () => {
    given(requested, takenUp)
      .when({ ...record, isLast: true })
      .then(page, completed);
    const { cursor: __, ...empty } = record;
    given(requested, takenUp, page)
      .when({ ...empty, after: 'eve', isLast: true })
      .then(completed);
  });

  test('has one holder: the pages of the one before count no more', () => {
    given(requested)
      .when({ type: 'TakeUpBroadcast', ...takenUp.data })
      .then(takenUp);
    given(requested, takenUp)
      .when({ type: 'TakeUpBroadcast', ...takenUp.data })
      .thenNothing();
    given(requested, takenUp, example('BroadcastTakenUp', { holder: 'h2' }))
      .when(record)
      .thenRefused('CONFLICT');
  });

  test('is paused and resumed', () => {
    given(requested).when(pause).then(paused);
    given(requested, paused).when(pause).thenNothing();
    given(requested, paused).when(resume).then(resumed);
    given(requested).when(resume).thenNothing();
    given(requested, completed).when(pause).thenRefused('BROADCAST_ENDED', 'id');
    given(requested, cancelled).when(resume).thenRefused('BROADCAST_ENDED', 'id');
  });

  test('records a page that was under way when it was paused or cancelled', () => {
    given(requested, takenUp, paused).when(record).then(page);
    given(requested, takenUp, cancelled)
      .when({ ...record, isLast: true })
      .then(page);
  });

  test('is taken up by nobody while it is paused', () => {
    given(requested, paused)
      .when({ type: 'TakeUpBroadcast', ...takenUp.data })
      .thenNothing();
  });

  test('can be cancelled also when all was asked for, and ends when nothing waits any more', () => {
    given(requested, completed).when(cancel).then(cancelled);
    given(requested, cancelled).when(cancel).thenNothing();
    const finish = { type: 'FinishCancellation', cancelled: 7 } as const;
    const finished = example('BroadcastCancellationFinished');
    given(requested, cancelled).when(finish).then(finished);
    given(requested, cancelled, finished).when(finish).thenNothing();
    given(requested).when(finish).thenNothing();
  });

  test('is over when its time is over, whoever is left', () => {
    const late = { type: 'ExpireBroadcast', at: '2027-03-02T09:00:00.000Z' } as const;
    const over = example('BroadcastCompleted', { expired: true });
    given(requested).when(late).then(over);
    given(requested, paused).when(late).then(over);
    given(requested)
      .when({ ...late, at: '2027-03-02T08:59:59.999Z' })
      .thenNothing();
    given(without(requested, 'expiresAt')).when(late).thenNothing();
  });

  test('that nobody requested is unknown', () => {
    for (const command of [pause, resume, cancel, record]) {
      given().when(command).thenRefused('UNKNOWN_BROADCAST', 'id');
    }
  });
});

test('the same command again, whatever came before, yields nothing or a refusal', () => {
  fc.assert(
    fc.property(
      fc.array(broadcastCommands, { maxLength: 12 }),
      broadcastCommands,
      (past, command) => isRepeatable(broadcast, afterCommands(broadcast, past), command),
    ),
    { ...steady, numRuns: 2_000 },
  );
});

test('no sequence of events breaks the fold; only a request makes a broadcast', () => {
  fc.assert(
    fc.property(fc.array(broadcastEvents, { maxLength: 20 }), (events) => {
      const requests = events.some(({ type }) => type === 'BroadcastRequested');
      expect(fold(broadcast, events).status === 'none').toBe(!requests);
    }),
    steady,
  );
});
