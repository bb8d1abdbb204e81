import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Recorded } from '../../src/eventstore/event.ts';
import { analyticsProjection } from '../../src/projections/analytics.ts';
import { dueProjection } from '../../src/projections/due.ts';
import { createFold, LostProjection } from '../../src/projections/fold.ts';
import { layoutsProjection } from '../../src/projections/layouts.ts';
import { notificationsProjection } from '../../src/projections/notifications.ts';
import type { Projection, ReadModel } from '../../src/projections/projection.ts';
import { suppressionsProjection } from '../../src/projections/suppressions.ts';
import { templatesProjection } from '../../src/projections/templates.ts';
import { usersProjection } from '../../src/projections/users.ts';
import type { Collection } from '../../src/readmodels/database.ts';
import { openDatabase } from '../support/embedded.ts';
import { example } from '../support/examples.ts';
import { history, recorded } from '../support/log.ts';
import { steady } from '../support/spec.ts';
import { logs } from './lives.ts';

let opened: Awaited<ReturnType<typeof openDatabase>>;
let made = 0;
beforeAll(async () => {
  opened = await openDatabase();
});
afterAll(() => opened.close());

/** A read model in a collection of its own, kept by one process. */
const createdIn = (projection: Projection) => {
  made += 1;
  const collection = opened.database.collection<ReadModel>(`documents_${made}`);
  return {
    collection,
    fold: createFold(projection, collection),
    documents: () => collection.find({}).sort({ _id: 1 }).toArray(),
  };
};

const everyProjection = [
  notificationsProjection,
  usersProjection,
  suppressionsProjection,
  templatesProjection,
  layoutsProjection,
  dueProjection,
  analyticsProjection,
] as readonly unknown[] as readonly Projection[];

const handledBy = ({ handles }: Projection, events: readonly Recorded[]) =>
  events.filter(({ type }) => handles.includes(type));

const requested = example('NotificationRequested');
const story = [
  ...history(
    'notification-n1',
    requested,
    example('NotificationDeferred'),
    example('DispatchStarted'),
    example('NotificationFailed'),
    example('DispatchStarted', { attempt: 2 }),
    example('DispatchOutcomeUnknown', { attempt: 2 }),
    example('NotificationDeadLettered'),
    example('NotificationRequeued'),
    example('DispatchStarted', { attempt: 3 }),
    example('NotificationSent', { attempt: 3 }),
    example('NotificationDelivered'),
    example('NotificationOpened'),
    example('NotificationClicked'),
    example('NotificationComplained'),
    example('NotificationBounced'),
  ),
  ...recorded([
    ['user-ada', example('UserRegistered')],
    ['user-ada', example('UserUpdated')],
    ['user-ada', example('DeviceRegistered')],
    ['user-ada', example('PreferencesUpdated')],
    ['user-ada', example('WebPushRegistered')],
    ['user-ada', example('AddressAdded')],
    ['user-ada', example('AddressVerified')],
    ['user-ada', example('AddressRemoved')],
    ['user-ada', example('TopicPreferencesUpdated')],
    ['user-ada', example('QuietHoursSet')],
    ['user-ada', example('ConsentRecorded')],
    ['user-ada', example('Unsubscribed')],
    ['user-ada', example('Resubscribed')],
    ['user-ada', example('ChannelStopped')],
    ['user-ada', example('ChannelResumed')],
    ['user-ada', example('DeviceRemoved')],
    ['suppression-5f1d', example('AddressSuppressed')],
    ['suppression-5f1d', example('SuppressionLifted')],
    ['suppression-5f1d', example('AddressSuppressed', { reason: 'complaint', scope: 'marketing' })],
    ['suppression-5f1d', example('AddressSuppressed')],
    ['suppression-6a2e', example('AddressSoftBounced')],
    ['suppression-6a2e', example('AddressPaused')],
    ['template-welcome', example('TemplateCreated')],
    ['template-welcome', example('TemplateVersionPublished')],
    ['template-welcome', example('TemplateVersionActivated')],
    ['template-welcome', example('TemplateDraftSaved')],
    ['template-welcome', example('TemplateDraftDiscarded')],
    ['template-welcome', example('TemplateRolledBack')],
    ['template-welcome', example('TemplateArchived')],
    ['layout-plain', example('LayoutPublished')],
    ['layout-plain', example('LayoutArchived')],
    ['notification-n2', example('NotificationRequested', { notificationId: 'n2' })],
    ['notification-n2', example('NotificationSuppressed')],
    ['notification-n3', example('NotificationRequested', { notificationId: 'n3' })],
    ['notification-n3', example('NotificationCancelled')],
    ['notification-n4', example('NotificationRequested', { notificationId: 'n4' })],
    ['notification-n4', example('NotificationExpired')],
    ['notification-n5', example('NotificationRequested', { notificationId: 'n5' })],
    ['notification-n5', example('DispatchStarted')],
    ['notification-n5', example('NotificationDeadLettered')],
    ['notification-n5', example('NotificationDiscarded')],
  ]).map((event) => {
    const commit = event.position.commit + 10_000n;
    return { ...event, position: { commit, prepare: commit } };
  }),
];

describe.each(everyProjection.map((projection) => [projection.name, projection] as const))(
  'the read model %s',
  (_name, projection) => {
    const events = handledBy(projection, story);

    test('is the same when every event comes twice', async () => {
      const once = createdIn(projection);
      const twice = createdIn(projection);
      for (const event of events) {
        await once.fold([event]);
        await twice.fold([event]);
        await twice.fold([event]);
        // A process that has just started remembers nothing.
        await createFold(projection, twice.collection)([event, event]);
      }
      expect(await twice.documents()).toEqual(await once.documents());
    });

    test('is the same when the whole log comes again, to this process or to the next', async () => {
      const { fold, collection, documents } = createdIn(projection);
      await fold(events);
      const before = await documents();
      await fold(events);
      expect(await documents()).toEqual(before);
      await createFold(projection, collection)(events);
      expect(await documents()).toEqual(before);
    });

    test('is tried here with every event that it handles', () => {
      const handled = new Set(events.map(({ type }) => type));
      expect(projection.handles.filter((type) => !handled.has(type))).toEqual([]);
    });

    test('is the same in whatever batches the log comes, also when a process starts anew', async () => {
      await fc.assert(
        fc.asyncProperty(
          logs,
          fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
          fc.boolean(),
          async (log, cuts, forgetful) => {
            const about = ['users', 'suppressions', 'templates'].includes(projection.name)
              ? story
              : log;
            const all = handledBy(projection, about);
            const whole = createdIn(projection);
            await whole.fold(all);
            const parts = createdIn(projection);
            const ends = [0, ...cuts.map((cut) => Math.min(cut, all.length)), all.length];
            for (const [index, start] of ends.sort((a, b) => a - b).entries()) {
              const fold = forgetful ? createFold(projection, parts.collection) : parts.fold;
              await fold(all.slice(start, ends[index + 1]));
            }
            expect(await parts.documents()).toEqual(await whole.documents());
          },
        ),
        { ...steady, numRuns: 25 },
      );
    });
  },
);

describe('a projector that is not alone', () => {
  const projection = notificationsProjection as unknown as Projection;
  const sent = example('NotificationSent');
  const { receiptDueAt: _, ...forGood } = sent.data;
  const events = history(
    'notification-n1',
    requested,
    example('DispatchStarted'),
    { ...sent, data: forGood },
    example('NotificationDelivered'),
  );
  const [first, second, third, fourth] = events as [Recorded, Recorded, Recorded, Recorded];

  /** What others do between the reading and each writing of this one. */
  const meanwhile = (
    collection: Collection<ReadModel>,
    ...others: (() => Promise<unknown>)[]
  ): Collection<ReadModel> =>
    new Proxy(collection, {
      get: (target, name) => {
        if (name !== 'bulkWrite') {
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        }
        return async (...args: Parameters<typeof target.bulkWrite>) => {
          await others.shift()?.();
          return target.bulkWrite(...args);
        };
      },
    });

  test('reads again when another has changed, made or removed its document', async () => {
    for (const past of [[first], []]) {
      const { collection, fold, documents } = createdIn(projection);
      await fold(past);
      const other = () => createFold(projection, collection)([first, second, third]);
      await createFold(projection, meanwhile(collection, other))([first, second]);
      expect(await documents()).toMatchObject([{ v: 2, status: 'SENT' }]);
    }
    const due = dueProjection as unknown as Projection;
    const { collection, fold, documents } = createdIn(due);
    await fold([first, second]);
    const other = () => createFold(due, collection)([third]);
    await createFold(due, meanwhile(collection, other))([third]);
    expect(await documents()).toEqual([]);
  });

  test('does not trust its memory of a document that another has brought further', async () => {
    const { collection, fold, documents } = createdIn(projection);
    await fold([first]);
    await createFold(projection, collection)([second, third]);
    await fold([second, third, fourth]);
    expect(await documents()).toMatchObject([{ v: 3, status: 'DELIVERED' }]);
    const [document] = await documents();
    expect(document).toHaveProperty('timeline.length', 4);
  });

  test('gives up when the other goes on writing, and leaves what the other wrote', async () => {
    const { collection, fold, documents } = createdIn(projection);
    await fold([first]);
    const other = createFold(projection, collection);
    const slow = meanwhile(
      collection,
      () => other([second]),
      () => other([third]),
    );
    await expect(createFold(projection, slow)([second, third, fourth])).rejects.toThrow(
      LostProjection,
    );
    expect(await documents()).toMatchObject([{ v: 2, status: 'SENT' }]);
  });
});
