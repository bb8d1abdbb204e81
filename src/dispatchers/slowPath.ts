import type { Logger } from 'pino';
import { notifications } from '../commands/aggregates.ts';
import type { CommandContext, Execute } from '../commands/execute.ts';
import { inParallel } from '../commands/inParallel.ts';
import { fold } from '../domain/decider.ts';
import { type NotificationEvent, notificationStream } from '../domain/notification/events.ts';
import { notification } from '../domain/notification/notification.ts';
import { resolveDoubt } from '../domain/policy/doubt.ts';
import type { EventLog } from '../eventstore/client.ts';
import type { Codec } from '../eventstore/codec.ts';
import type { Recorded } from '../eventstore/event.ts';
import { failureOf } from '../eventstore/failure.ts';
import type { Attempt } from './attempt.ts';
import type { Lanes } from './lanes.ts';
import type { Providers } from './providers/providers.ts';
import type { FindRecipients, Recipient } from './recipients.ts';

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

/**
 * Takes up notifications whose moment has come: scheduled, deferred, to be retried, left behind by a
 * dispatcher that died, in doubt. What to do is read from the stream; the list may be out of date.
 */
export const createSlowPath = (ports: SlowPathPorts) => {
  const read = async (notificationId: string) => {
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

  const advance = async (
    found: NonNullable<Awaited<ReturnType<typeof read>>>,
    recipient: Recipient | undefined,
  ): Promise<void> => {
    const { first, state, revision } = found;
    if (state.status === 'none') return;
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
      return;
    }
    if (state.status === 'in doubt' && state.resolution === 'give up') {
      await ports.execute(notifications, notificationId, [{ type: 'GiveUp', at }], context, {
        hint,
      });
      return;
    }
    if (state.status === 'failed' || state.status === 'sent' || state.status === 'ended') return;
    await ports.attempt({
      request: first.data,
      requestedAt: Date.parse(first.metadata.occurredAt),
      correlationId: context.correlationId,
      causationId: first.id,
      recipient,
      hint,
    });
  };

  /** Resolves when every one of them has been looked at; a failure of one is logged and comes again. */
  const takeUp = async (notificationIds: readonly string[]): Promise<void> => {
    const found = (await inParallel(notificationIds, streamsInFlight, read)).filter(
      (one) => one !== undefined,
    );
    const recipients = await ports.findRecipients(found.map(({ first }) => first.data));
    await Promise.all(
      found.map(async (one, index) => {
        const { channel, priority } = one.first.data;
        try {
          await ports.lanes.run(channel, priority, () => advance(one, recipients[index]));
        } catch (error) {
          const reason = failureOf(error);
          ports.logger.error({ stream: one.first.stream, reason }, 'taking up failed');
        }
      }),
    );
  };

  return { takeUp };
};
