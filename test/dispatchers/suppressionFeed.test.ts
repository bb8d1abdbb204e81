import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { setTimeout as wait } from 'node:timers/promises';
import { notifications, users } from '../../src/commands/aggregates.ts';
import { createSuppressionCommands, type Suppressing } from '../../src/commands/suppressions.ts';
import { createSuppressionFeed, suppressingOf } from '../../src/dispatchers/suppressionFeed.ts';
import type { Channel } from '../../src/domain/vocabulary.ts';
import { context, openCommands } from '../commands/world.ts';
import { eventually } from '../sandbox/support.ts';
import { example } from '../support/examples.ts';

describe('what is told about an address', () => {
  const { provider: _, ...bounce } = example('NotificationBounced').data;
  const sms = { channel: 'sms', provider: 'twilio' } as const;
  test.each<[string, Parameters<typeof suppressingOf>[0], Omit<Suppressing, 'source'> | undefined]>(
    [
      ['a hard bounce', example('NotificationBounced'), { scope: 'all', reason: 'hard bounce' }],
      ['a soft bounce', example('NotificationBounced', { permanent: false }), undefined],
      [
        'a complaint',
        example('NotificationComplained'),
        { scope: 'marketing', reason: 'complaint' },
      ],
      [
        'an opt-out at the provider, by webhook',
        example('NotificationBounced', { ...sms, code: '21610' }),
        { scope: 'all', reason: 'stop' },
      ],
      [
        'an opt-out at the provider, at once',
        example('NotificationFailed', { ...sms, code: 'twilio_21610', permanent: true }),
        { scope: 'all', reason: 'stop' },
      ],
      [
        'no such number',
        example('NotificationFailed', { ...sms, code: 'twilio_21211', permanent: true }),
        { scope: 'all', reason: 'hard bounce' },
      ],
      [
        'a spam report that SendGrid remembers',
        example('NotificationBounced', {
          permanent: false,
          code: 'dropped_spam_reporting_address',
        }),
        { scope: 'marketing', reason: 'complaint' },
      ],
      [
        'an unsubscription at SendGrid',
        example('NotificationBounced', { permanent: false, code: 'dropped_unsubscribed_address' }),
        { scope: 'marketing', reason: 'unsubscribe' },
      ],
      ['trouble of ours', example('NotificationFailed', { permanent: true }), undefined],
      [
        'a push that bounced',
        example('NotificationBounced', { ...bounce, channel: 'push' }),
        undefined,
      ],
    ],
  )('%s', (_name, event, expected) => {
    const source = event.data.provider;
    expect(suppressingOf(event)).toEqual(expected && { ...expected, source });
  });
});

describe('the feed', () => {
  let world: Awaited<ReturnType<typeof openCommands>>;
  let process: ReturnType<(typeof world)['process']>;
  beforeAll(async () => {
    world = await openCommands();
    process = world.process();
  });
  afterAll(() => world.close());

  const hashOf = (address: string) => [Buffer.from(address).toString('hex')];
  const suppressionTypes = (address: string) =>
    world.typesIn(`suppression-${hashOf(address).join()}`);

  /** A message that was sent, after which the user changed the address, and what was told of it. */
  const story = async (
    channel: Channel,
    told: 'bounced' | 'opted out' | 'full mailbox',
    email = `${randomUUID()}@old.example`,
  ) => {
    const userId = randomUUID();
    const id = randomUUID();
    const profile = {
      timezone: 'UTC',
      locale: 'en',
      email,
      phone: '+4915112345678',
    };
    await process.execute(users, userId, [{ type: 'RegisterUser', userId, profile }], context);
    const request = {
      ...example('NotificationRequested').data,
      notificationId: id,
      userId,
      channel,
    };
    const { scheduledAt: _, expiresAt: __, ...data } = request;
    const at = new Date().toISOString();
    const later = new Date(Date.now() + 60_000).toISOString();
    const start = {
      type: 'StartDispatch',
      claimId: 'c',
      provider: 'p',
      leaseUntil: later,
      repeatIsSafe: false,
      at,
    } as const;
    await process.execute(
      notifications,
      id,
      [{ type: 'RequestNotification', request: data, at }, start],
      context,
    );
    // The change is to be later by the clock.
    await eventually(() => new Date().toISOString() > new Date(Date.parse(at) + 50).toISOString());
    const changes = { email: `${userId}@new.example`, phone: '+4915112345679' };
    await process.execute(users, userId, [{ type: 'UpdateUser', changes }], context);
    const code = told === 'opted out' ? '21610' : '5.1.1';
    const permanent = told !== 'full mailbox';
    const report = { when: at, source: 'p', providerEventId: 'e', permanent, code };
    await process.execute(notifications, id, [{ type: 'RecordBounced', ...report }], context);
    return { profile, changes, stream: `notification-${id}` };
  };

  const feedOf = () => {
    const { suppress, softBounced } = createSuppressionCommands(process.execute, hashOf);
    return createSuppressionFeed({
      log: world.log,
      codec: world.codec,
      logger: pino({ level: 'silent' }),
      wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
      suppress,
      softBounced,
    });
  };

  const lastOf = async (stream: string) => {
    const events = await world.codec.decode(await world.log.readStream(stream), () => true);
    return events.at(-1) as never;
  };

  test('suppresses the address that the message went to, however often it is told', async () => {
    const { stream, profile, changes } = await story('email', 'bounced');
    const { handle } = feedOf();
    await handle(await lastOf(stream));
    await handle(await lastOf(stream));
    expect(await suppressionTypes(profile.email)).toEqual(['AddressSuppressed']);
    expect(await suppressionTypes(changes.email)).toEqual([]);
  });

  test('suppresses a number that opted out at the provider, and no other of the user', async () => {
    const { stream, profile, changes } = await story('sms', 'opted out');
    const { handle } = feedOf();
    await handle(await lastOf(stream));
    await handle(await lastOf(stream));
    expect(await suppressionTypes(profile.phone)).toEqual(['AddressSuppressed']);
    expect(await suppressionTypes(changes.phone)).toEqual([]);
  });

  test('pauses an address that could not take three messages, whoever they were to', async () => {
    const { handle } = feedOf();
    const email = 'full@mailbox.example';
    for (const expected of [1, 2, 3]) {
      const { stream } = await story('email', 'full mailbox', email);
      await handle(await lastOf(stream));
      await handle(await lastOf(stream));
      const types = await suppressionTypes(email);
      expect(types.filter((type) => type === 'AddressSoftBounced')).toHaveLength(expected);
      expect(types.includes('AddressPaused')).toBe(expected === 3);
    }
  });

  test('learns of it by the log', async () => {
    const stop = new AbortController();
    const running = feedOf().run(stop.signal);
    const { profile } = await story('email', 'bounced');
    await eventually(async () => (await suppressionTypes(profile.email)).length > 0);
    stop.abort();
    await running;
    expect(await suppressionTypes(profile.email)).toEqual(['AddressSuppressed']);
  });
});
