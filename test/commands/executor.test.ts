import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { notifications, users } from '../../src/commands/aggregates.ts';
import type { Aggregate } from '../../src/commands/execute.ts';
import type { NotificationCommand } from '../../src/domain/notification/commands.ts';
import type { NotificationState } from '../../src/domain/notification/state.ts';
import type { TemplateEvent } from '../../src/domain/template/template.ts';
import { example } from '../support/examples.ts';
import { refusalFrom } from '../support/spec.ts';
import { context, observed, openCommands } from './world.ts';

let world: Awaited<ReturnType<typeof openCommands>>;
beforeAll(async () => {
  world = await openCommands();
});
afterAll(() => world.close());

const at = '2027-03-01T12:00:00.000Z';
const requestOf = (notificationId: string): NotificationCommand => {
  const { scheduledAt: _, ...data } = example('NotificationRequested').data;
  return { type: 'RequestNotification', request: { ...data, notificationId }, at };
};
const startBy = (claimId: string): NotificationCommand => ({
  type: 'StartDispatch',
  claimId,
  provider: 'sendgrid',
  leaseUntil: '2027-03-01T12:00:30.000Z',
  repeatIsSafe: false,
  at,
});
const streamOf = (id: string) => `notification-${id}`;
const requested = async () => {
  const id = randomUUID();
  await world.process().execute(notifications, id, [requestOf(id)], context);
  return id;
};
const none = { state: { status: 'none' } as NotificationState, revision: -1 };

describe('a command', () => {
  test('is appended with who gave it, what it follows from and whom it is about', async () => {
    const id = randomUUID();
    const { execute } = world.process();
    const done = await execute(notifications, id, [requestOf(id)], {
      ...context,
      causationId: 'request-1',
    });
    expect(done).toMatchObject({ revision: 0, state: { status: 'waiting' } });
    expect(done.cursor).toBeDefined();
    const [event] = await world.log.readStream(streamOf(id));
    expect(event).toMatchObject({
      type: 'NotificationRequested',
      metadata: {
        $correlationId: 'correlation',
        $causationId: 'request-1',
        actor: 'client:shop',
        subject: 'ada',
        schemaVersion: 2,
      },
    });
    expect(JSON.stringify(event?.data)).not.toContain('A-17');
  });

  test('that is already so appends nothing and has no cursor', async () => {
    const id = await requested();
    const done = await world.process().execute(notifications, id, [requestOf(id)], context);
    expect(done).toMatchObject({ events: [], revision: 0 });
    expect(done.cursor).toBeUndefined();
    expect(await world.typesIn(streamOf(id))).toEqual(['NotificationRequested']);
  });

  test('and the next ones of one call are decided one after the other and appended together', async () => {
    const id = randomUUID();
    const commands = [requestOf(id), startBy('c1'), startBy('c2')];
    const done = await world.process().execute(notifications, id, commands, context);
    expect(done.events.map(({ type }) => type)).toEqual([
      'NotificationRequested',
      'DispatchStarted',
    ]);
    const events = await world.log.readStream(streamOf(id));
    const places = new Set(events.map(({ position }) => position.commit));
    expect(places.size).toBe(2);
  });

  test('that is refused takes the others of its call with it', async () => {
    const id = randomUUID();
    const cancel = { type: 'RequeueNotification', by: 'eve', why: 'why' } as const;
    const calling = world.process().execute(notifications, id, [requestOf(id), cancel], context);
    expect((await refusalFrom(calling)).code).toBe('NOT_DEAD_LETTERED');
    expect(await world.typesIn(streamOf(id))).toEqual([]);
  });
});

describe('one process', () => {
  test('carries out what comes at once for one stream in turn, without a lost race', async () => {
    const { log, calls } = observed(world.log);
    const { execute } = world.process(log);
    const id = randomUUID();
    const asked: readonly NotificationCommand[] = [
      requestOf(id),
      startBy('c1'),
      {
        type: 'RecordSent',
        attempt: 1,
        provider: 'sendgrid',
        providerMessageId: 'm-1',
        contentHash: 'h',
      },
      { type: 'RecordDelivered', when: at, source: 'sendgrid', providerEventId: 'e-0' },
      { type: 'RecordOpened', when: at, source: 'client', providerEventId: 'e-1' },
    ];
    await Promise.all(
      asked.map((command) => execute(notifications, id, [command], context, { hint: none })),
    );
    expect(calls).toEqual({ appends: 5, reads: 0 });
    expect(await world.typesIn(streamOf(id))).toEqual([
      'NotificationRequested',
      'DispatchStarted',
      'NotificationSent',
      'NotificationDelivered',
      'NotificationOpened',
    ]);
  });

  test('goes on with a stream after a command was refused', async () => {
    const { execute } = world.process();
    const id = randomUUID();
    const requeue = { type: 'RequeueNotification', by: 'eve', why: 'why' } as const;
    const refused = execute(notifications, id, [requeue], context);
    const accepted = execute(notifications, id, [requestOf(id)], context);
    expect((await refusalFrom(refused)).code).toBe('UNKNOWN_NOTIFICATION');
    expect((await accepted).revision).toBe(0);
  });
});

describe('sixteen processes', () => {
  const sixteen = Array.from({ length: 16 }, (_, n) => n);

  test('that start the same notification have exactly one winner', async () => {
    const id = await requested();
    const done = await Promise.all(
      sixteen.map((n) =>
        world.process().execute(notifications, id, [startBy(`claim-${n}`)], context),
      ),
    );
    expect(done.filter(({ events }) => events.length > 0)).toHaveLength(1);
    expect(await world.typesIn(streamOf(id))).toEqual(['NotificationRequested', 'DispatchStarted']);
  });

  test('that share one memory have exactly one winner, too', async () => {
    const id = await requested();
    const { execute } = world.process();
    const done = await Promise.all(
      sixteen.map((n) => execute(notifications, id, [startBy(`claim-${n}`)], context)),
    );
    expect(done.filter(({ events }) => events.length > 0)).toHaveLength(1);
  });

  test('that make the same request make one notification', async () => {
    const id = randomUUID();
    const done = await Promise.all(
      sixteen.map(() =>
        world.process().execute(notifications, id, [requestOf(id)], context, { hint: none }),
      ),
    );
    expect(done.filter(({ events }) => events.length > 0)).toHaveLength(1);
    expect(await world.typesIn(streamOf(id))).toEqual(['NotificationRequested']);
  });
});

describe('a hint', () => {
  test('that is right saves the read', async () => {
    const seen = observed(world.log);
    const id = randomUUID();
    await world
      .process(seen.log)
      .execute(notifications, id, [requestOf(id)], context, { hint: none });
    expect(seen.calls).toEqual({ reads: 0, appends: 1 });
  });

  test('that is wrong costs a read, never a wrong decision', async () => {
    const id = await requested();
    const seen = observed(world.log);
    const { execute } = world.process(seen.log);
    const done = await execute(notifications, id, [requestOf(id)], context, { hint: none });
    expect(done.events).toEqual([]);
    expect(seen.calls).toEqual({ reads: 1, appends: 1 });
  });

  test('that would refuse is not believed before the stream was read', async () => {
    const id = await requested();
    const seen = observed(world.log);
    const { execute } = world.process(seen.log);
    const done = await execute(notifications, id, [startBy('c1')], context, { hint: none });
    expect(done.events.map(({ type }) => type)).toEqual(['DispatchStarted']);
    expect(seen.calls).toEqual({ reads: 1, appends: 1 });
  });

  test('is not needed for a stream that this process has just written', async () => {
    const id = randomUUID();
    const seen = observed(world.log);
    const { execute } = world.process(seen.log);
    await execute(notifications, id, [requestOf(id)], context, { hint: none });
    await execute(notifications, id, [startBy('c1')], context);
    expect(seen.calls).toEqual({ reads: 0, appends: 2 });
  });

  test('from memory is checked when another process was faster', async () => {
    const id = randomUUID();
    const { execute } = world.process();
    await execute(notifications, id, [requestOf(id)], context);
    const cancel = { type: 'CancelNotification', by: 'eve', why: 'why' } as const;
    await world.process().execute(notifications, id, [cancel], context);
    const done = await execute(notifications, id, [startBy('c1')], context);
    expect(done.events).toEqual([]);
    expect(done.state).toMatchObject({ status: 'ended', as: 'cancelled' });
  });
});

describe('an append without an answer', () => {
  test('that was carried out is not carried out again', async () => {
    const id = randomUUID();
    const seen = observed(world.log);
    seen.breakWhen((call) => (call === 1 ? 'after' : undefined));
    const { execute } = world.process(seen.log);
    const done = await execute(notifications, id, [requestOf(id)], context, { hint: none });
    expect(done).toMatchObject({ revision: 0 });
    expect(done.events).toHaveLength(1);
    expect(await world.typesIn(streamOf(id))).toEqual(['NotificationRequested']);
  });

  test('that was not carried out is carried out at the next attempt', async () => {
    const id = randomUUID();
    const seen = observed(world.log);
    seen.breakWhen((call) => (call <= 3 ? 'before' : undefined));
    await world.process(seen.log).execute(notifications, id, [requestOf(id)], context);
    expect(await world.typesIn(streamOf(id))).toEqual(['NotificationRequested']);
  });

  test('is given up in the end, and the caller is told to come again', async () => {
    const id = randomUUID();
    const seen = observed(world.log);
    seen.breakWhen(() => 'before');
    const calling = world.process(seen.log).execute(notifications, id, [requestOf(id)], context);
    expect((await refusalFrom(calling)).code).toBe('UNAVAILABLE');
  });
});

test('a race that is lost again and again is a conflict', async () => {
  const id = randomUUID();
  const { log } = world;
  const always: Pick<typeof log, 'append' | 'readStream'> = {
    readStream: log.readStream,
    append: async (stream, events, expected) => {
      const rival = events.map((event) => ({ ...event, id: randomUUID() }));
      await log.append(stream, rival, expected);
      return log.append(stream, events, expected);
    },
  };
  const restless: Aggregate<null, null, TemplateEvent> = {
    decider: {
      initialState: null,
      decide: () => [example('TemplateVersionActivated')],
      evolve: (state) => state,
    },
    stream: (name) => `template-${name}`,
    subject: () => undefined,
  };
  const calling = world.process(always).execute(restless, id, [null], context);
  expect((await refusalFrom(calling)).code).toBe('CONFLICT');
});

test('an event that is larger than the store takes is refused, and nothing is appended', async () => {
  const id = randomUUID();
  const name = 'x'.repeat(2 * 1024 * 1024);
  const profile = { name, timezone: 'Europe/Oslo', locale: 'nb-NO' };
  const register = { type: 'RegisterUser', userId: id, profile } as const;
  const calling = world.process().execute(users, id, [register], context);
  expect((await refusalFrom(calling)).code).toBe('PAYLOAD_TOO_LARGE');
  expect(await world.typesIn(`user-${id}`)).toEqual([]);
});
