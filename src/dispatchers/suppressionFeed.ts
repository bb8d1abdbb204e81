import type { Logger } from 'pino';
import type { CommandContext } from '../commands/execute.ts';
import { inParallel } from '../commands/inParallel.ts';
import type { SoftBounce, Suppressing } from '../commands/suppressions.ts';
import { fold } from '../domain/decider.ts';
import { type NotificationEvent, notificationStream } from '../domain/notification/events.ts';
import { type NamedAddress, type UserEvent, userStream } from '../domain/user/events.ts';
import { addressOf } from '../domain/user/questions.ts';
import { user as userDecider } from '../domain/user/user.ts';
import type { EventLog, Message } from '../eventstore/client.ts';
import { type Codec, forgotten } from '../eventstore/codec.ts';
import type { Recorded } from '../eventstore/event.ts';
import { failureOf } from '../eventstore/failure.ts';
import { keepRunning } from '../eventstore/keepRunning.ts';

export interface SuppressionFeedPorts {
  readonly log: Pick<EventLog, 'ensureGroup' | 'consume' | 'readStream'>;
  readonly codec: Codec;
  readonly logger: Logger;
  suppress(address: NamedAddress, about: Suppressing, context: CommandContext): Promise<unknown>;
  softBounced(address: NamedAddress, bounce: SoftBounce, context: CommandContext): Promise<unknown>;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

type Telling = Extract<
  NotificationEvent,
  { type: 'NotificationBounced' | 'NotificationComplained' | 'NotificationFailed' }
>;

const group = 'suppressions';
const selection = {
  types: ['NotificationBounced', 'NotificationComplained', 'NotificationFailed'],
};
const bufferSize = 200;
const batchOptions = { max: 100, lingerMs: 20 };
const inFlight = 16;
const mostRetries = 5;

const optedOut: ReadonlySet<string> = new Set(['21610', 'twilio_21610']);
/** Refused at once: no number, not one that takes text messages (facts, providers §2.2). */
const badNumbers: ReadonlySet<string> = new Set(['twilio_21211', 'twilio_21217', 'twilio_21614']);

/** What an event says about the address that it was about (facts L14, L19). */
export const suppressingOf = ({
  type,
  data,
}: Pick<Telling, 'type' | 'data'>): Suppressing | undefined => {
  const { provider: source, channel } = data;
  if (channel !== 'email' && channel !== 'sms') return undefined;
  if (type === 'NotificationComplained') {
    return { scope: 'marketing', reason: 'complaint', source };
  }
  const { code = '', permanent } = data as { readonly code?: string; readonly permanent: boolean };
  if (optedOut.has(code)) return { scope: 'all', reason: 'stop', source };
  if (code === 'dropped_spam_reporting_address') {
    return { scope: 'marketing', reason: 'complaint', source };
  }
  if (code === 'dropped_unsubscribed_address') {
    return { scope: 'marketing', reason: 'unsubscribe', source };
  }
  const bad = type === 'NotificationBounced' ? permanent : badNumbers.has(code);
  return bad ? { scope: 'all', reason: 'hard bounce', source } : undefined;
};

/** A bounce that may be over the next time: a full mailbox, a server that is busy. */
const softBounceOf = (event: Telling) =>
  event.type === 'NotificationBounced' && !event.data.permanent
    ? { source: event.data.provider, when: event.data.when }
    : undefined;

/**
 * Keeps addresses that bounced, complained or opted out from being written to again; of the user, who may have
 * got the number of somebody else, nothing is said. Each event may come more than once: what is suppressed
 * already stays as it is.
 */
export const createSuppressionFeed = (ports: SuppressionFeedPorts) => {
  const read = async <E>(stream: string): Promise<readonly Recorded<E>[]> => {
    const events = await ports.codec.decode(await ports.log.readStream(stream), () => true);
    return events as unknown as readonly Recorded<E>[];
  };

  /** The address that the message went to: the one the user had when it was last sent before. */
  const addressOfMessage = async (event: Recorded<Telling>) => {
    const { channel } = event.data;
    if (channel !== 'email' && channel !== 'sms') return undefined;
    const past = await read<NotificationEvent>(event.stream);
    const [first] = past;
    if (first?.type !== 'NotificationRequested') return undefined;
    const { userId, notificationId } = first.data;
    // News of somebody else's stream says nothing about this user.
    if (event.stream !== notificationStream(notificationId)) return undefined;
    const sent = past.findLast(
      ({ type, revision }) => type === 'DispatchStarted' && revision < event.revision,
    );
    const sentAt = (sent ?? first).metadata.occurredAt;
    const until = (await read<UserEvent>(userStream(userId))).filter(
      ({ metadata }) => metadata.occurredAt <= sentAt,
    );
    const user = fold(userDecider, until);
    const address = user.status === 'registered' ? addressOf(user, channel)?.address : undefined;
    // Of an erased user nobody knows the address any more.
    if (address === undefined || address === forgotten) return undefined;
    return { notificationId, named: { channel, address } };
  };

  const handle = async (event: Recorded<Telling>): Promise<void> => {
    const about = suppressingOf(event);
    const bounce = about ? undefined : softBounceOf(event);
    const found = (about ?? bounce) && (await addressOfMessage(event));
    if (!found) return;
    const { notificationId, named } = found;
    const context = {
      actor: `provider:${event.data.provider}`,
      correlationId: event.metadata.$correlationId,
      causationId: event.id,
    };
    if (about) await ports.suppress(named, { ...about, notificationId }, context);
    if (bounce) await ports.softBounced(named, { ...bounce, notificationId }, context);
  };

  const handleAll = async (messages: readonly Message[]) => {
    const events = await ports.codec.decode(
      messages.map(({ event }) => event),
      () => true,
    );
    return inParallel(messages, inFlight, async (message, index) => {
      try {
        await handle(events[index] as Recorded<Telling>);
        return { message };
      } catch (error) {
        const { stream } = message.event;
        ports.logger.error({ stream, reason: failureOf(error) }, 'suppression failed');
        return { message, failed: error instanceof Error ? error.name : 'error' };
      }
    });
  };

  const run = (signal: AbortSignal): Promise<void> =>
    keepRunning('the suppression feed', signal, ports, async (progress) => {
      await ports.log.ensureGroup(group, selection);
      const consumer = ports.log.consume(group, bufferSize, { ...batchOptions, signal });
      for await (const messages of consumer.batches()) {
        progress();
        const done = await handleAll(messages);
        const handled = done.flatMap(({ message, failed }) =>
          failed === undefined ? [message] : [],
        );
        if (handled.length > 0) await consumer.ack(handled);
        for (const { message, failed } of done) {
          if (failed === undefined) continue;
          const action = message.retries >= mostRetries ? 'park' : 'retry';
          await consumer.nack(action, failed, [message]);
        }
      }
    });

  return { run, handle };
};
