import type { Logger } from 'pino';
import { notifications } from '../commands/aggregates.ts';
import type { CommandContext, Execute } from '../commands/execute.ts';
import { inParallel } from '../commands/inParallel.ts';
import { fold } from '../domain/decider.ts';
import {
  type NotificationEvent,
  type NotificationEventOf,
  notificationStream,
} from '../domain/notification/events.ts';
import { notification } from '../domain/notification/notification.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import { resolveDoubt } from '../domain/policy/doubt.ts';
import type { EventLog } from '../eventstore/client.ts';
import type { Codec } from '../eventstore/codec.ts';
import type { RawEvent, Recorded } from '../eventstore/event.ts';
import { failureOf } from '../eventstore/failure.ts';
import type { Attempt } from './attempt.ts';
import type { Lanes } from './lanes.ts';
import type { Providers } from './providers/providers.ts';
import type { FindRecipients, Recipient } from './recipients.ts';
import type { DueNotification } from './scheduler.ts';

export interface SlowPathPorts {
  readonly log: Pick<EventLog, 'readStream'>;
  readonly codec: Codec;
  readonly execute: Execute;
  readonly attempt: Attempt;
  readonly lanes: Lanes;
  readonly providers: Pick<Providers, 'find'>;
  readonly logger: Logger;
  readonly settleMs: number;
  readonly findRecipients: FindRecipients;
  now(): number;
}

const streamsInFlight = 32;

type Request = NotificationEventOf<'NotificationRequested'>;

/** What an attempt is made of. */
interface Found {
  readonly first: Pick<Recorded<Request>, 'id' | 'stream' | 'data' | 'metadata'>;
  readonly state: NotificationState;
  readonly revision: number;
}

/**
 * Takes up notifications whose moment has come: scheduled, deferred, to be retried, left behind by a
 * dispatcher that died, in doubt. The list may be out of date: what follows from it is appended at the
 * revision that it knows, and decided again on the stream when that isn't the last one.
 */
export const createSlowPath = (ports: SlowPathPorts) => {
  const read = async (notificationId: string): Promise<Found | undefined> => {
    const raw = await ports.log.readStream(notificationStream(notificationId));
    const events = (await ports.codec.decode(
      raw,
      () => true,
    )) as readonly Recorded<NotificationEvent>[];
    const [first] = events;
    if (first?.type !== 'NotificationRequested') return undefined;
    const state = fold(notification, events);
    const revision = events.at(-1)?.revision ?? 0;
    return { first, state, revision };
  };

  const open = async (listed: readonly DueNotification[]): Promise<readonly Found[]> => {
    const known = listed.flatMap(({ _id, v, request, state }) =>
      request === undefined || !state ? [] : [{ raw: firstEvent(_id, request), v, state }],
    );
    const opened = await ports.codec.decode(
      known.map(({ raw }) => raw),
      () => true,
    );
    return known.map(({ v, state }, index) => {
      const first = opened[index] as Recorded<Request>;
      return { first, state, revision: v };
    });
  };

  /** Resolves with whether there is nothing left to wait for that its stream doesn't tell of by itself. */
  const advance = async (found: Found, recipient: Recipient | undefined): Promise<boolean> => {
    const { first, state, revision } = found;
    if (state.status === 'none') return true;
    const { notificationId, category } = first.data;
    const now = ports.now();
    const at = new Date(now).toISOString();
    const context: CommandContext = {
      actor: 'scheduler',
      correlationId: first.metadata.$correlationId,
      causationId: first.id,
    };
    const hint = { state, revision };
    const repeat =
      state.status === 'sending' && state.leaseUntil <= at
        ? ((await ports.providers.find(state.provider))?.provider.repeat ?? 'unsafe')
        : 'safe';

    if (state.status === 'sending' && repeat !== 'safe') {
      const { attempt } = state;
      const command = {
        type: 'RecordUnknownOutcome',
        attempt,
        provider: state.provider,
        code: 'LEASE_EXPIRED',
        resolution: resolveDoubt(category, repeat),
        settleAt: new Date(now + ports.settleMs).toISOString(),
      } as const;
      await ports.execute(notifications, notificationId, [command], context, { hint });
      return false;
    }
    if (state.status === 'in doubt' && state.resolution === 'give up') {
      await ports.execute(notifications, notificationId, [{ type: 'GiveUp', at }], context, {
        hint,
      });
      return false;
    }
    const isOver = state.status === 'failed' || state.status === 'ended';
    if (isOver || (state.status === 'sent' && state.receiptDueAt === undefined)) return true;
    await ports.attempt({
      request: first.data,
      requestedAt: Date.parse(first.metadata.occurredAt),
      correlationId: context.correlationId,
      causationId: first.id,
      recipient,
      hint,
    });
    return state.status === 'sent';
  };

  /**
   * Resolves when every one of them has been looked at, with those for which there is nothing left to wait; a
   * failure of one is logged and comes again.
   */
  const takeUp = async (listed: readonly DueNotification[]): Promise<readonly string[]> => {
    const over: string[] = [];
    const unknown = listed.filter(({ request, state }) => request === undefined || !state);
    const [known, looked] = await Promise.all([
      open(listed),
      inParallel(unknown, streamsInFlight, ({ _id }) => read(_id)),
    ]);
    const found = [...known, ...looked.filter((one) => one !== undefined)];
    const recipients = await ports.findRecipients(found.map(({ first }) => first.data));
    await Promise.all(
      found.map(async (one, index) => {
        const { channel, priority, notificationId } = one.first.data;
        try {
          await ports.lanes.run(channel, priority, async () => {
            if (await advance(one, recipients[index])) over.push(notificationId);
          });
        } catch (error) {
          const reason = failureOf(error);
          ports.logger.error({ stream: one.first.stream, reason }, 'taking up failed');
        }
      }),
    );
    return over;
  };

  return { takeUp };
};

const firstEvent = (notificationId: string, request: string): RawEvent => ({
  ...(JSON.parse(request) as Pick<RawEvent, 'id' | 'data' | 'metadata'>),
  type: 'NotificationRequested',
  stream: notificationStream(notificationId),
  revision: 0,
  // Nobody asks for it here.
  position: { commit: 0n, prepare: 0n },
});
