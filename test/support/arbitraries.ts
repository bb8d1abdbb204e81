import fc from 'fast-check';
import type { BroadcastCommand } from '../../src/domain/broadcast/broadcast.ts';
import { type BroadcastEvent, broadcastSchemas } from '../../src/domain/broadcast/events.ts';
import {
  type LayoutCommand,
  type LayoutEvent,
  layoutSchemas,
} from '../../src/domain/layout/layout.ts';
import type { NotificationCommand } from '../../src/domain/notification/commands.ts';
import {
  type NotificationEvent,
  notificationSchemas,
} from '../../src/domain/notification/events.ts';
import {
  type SegmentCommand,
  type SegmentEvent,
  segmentSchemas,
} from '../../src/domain/segment/segment.ts';
import { type TemplateContent } from '../../src/domain/template/content.ts';
import type { TemplateCommand } from '../../src/domain/template/decide.ts';
import { type TemplateEvent, templateSchemas } from '../../src/domain/template/template.ts';
import type { UserCommand } from '../../src/domain/user/commands.ts';
import { type UserEvent, userSchemas } from '../../src/domain/user/events.ts';
import { categories, channels } from '../../src/domain/vocabulary.ts';
import { examples } from './examples.ts';

/** Few values on purpose: only those that meet each other find mistakes. */

const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 2 });

/** A record without the fields that came out undefined. */
const compact = <T extends object>(record: fc.Arbitrary<T>) =>
  record.map(
    (fields) => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)) as T,
  );

const minute = (n: number): string => new Date(Date.UTC(2027, 2, 1, 9, n)).toISOString();
const early = fc.integer({ min: 0, max: 20 }).map(minute);
const later = fc.integer({ min: 21, max: 40 }).map(minute);
const attempts = fc.integer({ min: 1, max: 4 });
const provider = fc.constantFrom('sendgrid', 'twilio');
const report = { when: early, source: provider, providerEventId: fc.constantFrom('e1', 'e2') };
const who = { by: fc.constant('operator:eve'), why: fc.constantFrom('a', 'b') };
const refusal = fc.constant({ ruleId: 'opted-out', reason: 'the user opted out' });

const request = fc
  .record({
    fingerprint: fc.constantFrom('f1', 'f2'),
    scheduledAt: optional(early),
    expiresAt: optional(later),
    refusal: optional(refusal),
    at: early,
  })
  .map(({ fingerprint, scheduledAt, expiresAt, refusal: forbidden, at }) => {
    const { scheduledAt: _, expiresAt: __, ...rest } = examples.NotificationRequested;
    return {
      type: 'RequestNotification',
      request: {
        ...rest,
        fingerprint,
        ...(scheduledAt === undefined ? {} : { scheduledAt }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
      ...(forbidden === undefined ? {} : { refusal: forbidden }),
      at,
    } as const;
  });

const type = <T extends string>(name: T) => fc.constant(name);
const any = fc.oneof(early, later);

/** Any command to a notification; a lease always ends after the moment of its start. */
export const notificationCommands = fc.oneof(
  { arbitrary: request, weight: 3 },
  {
    weight: 4,
    arbitrary: fc.record({
      type: type('StartDispatch'),
      claimId: fc.constantFrom('c1', 'c2'),
      provider,
      leaseUntil: later,
      repeatIsSafe: fc.boolean(),
      at: early,
    }),
  },
  fc.record({
    type: type('DeferDispatch'),
    until: any,
    reason: fc.constantFrom('rate limit', 'quiet hours'),
  }),
  fc.record({ type: type('SuppressNotification'), refusal }),
  fc.record({ type: type('ExpireNotification'), at: any }),
  fc.record({
    type: type('RecordSent'),
    attempt: attempts,
    provider,
    providerMessageId: fc.constantFrom('m1', 'm2'),
    contentHash: fc.constant('h'),
  }),
  {
    weight: 3,
    arbitrary: compact(
      fc.record({
        type: type('RecordFailure'),
        attempt: attempts,
        provider,
        code: fc.constant('HTTP_503'),
        permanent: fc.boolean(),
        nextAttemptAt: optional(early),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: type('RecordUnknownOutcome'),
      attempt: attempts,
      provider,
      code: fc.constant('TIMEOUT'),
      resolution: fc.constantFrom('resend', 'give up'),
      settleAt: early,
    }),
  },
  fc.record({ type: type('GiveUp'), at: any }),
  fc.record({ type: type('RecordDelivered'), ...report }),
  fc.record({ type: type('RecordOpened'), ...report }),
  compact(fc.record({ type: type('RecordClicked'), ...report, url: optional(fc.webUrl()) })),
  compact(
    fc.record({
      type: type('RecordBounced'),
      ...report,
      permanent: fc.boolean(),
      code: optional(fc.constant('5.1.1')),
    }),
  ),
  fc.record({ type: type('RecordComplained'), ...report }),
  fc.record({ type: type('CancelNotification'), ...who }),
  fc.record({ type: type('RequeueNotification'), ...who }),
) as fc.Arbitrary<NotificationCommand>;

/** Any event of the types, in any order, with any of its optional fields missing. */
const eventsOf = <E>(types: readonly (keyof typeof examples)[], loose: readonly string[]) =>
  fc
    .record({
      name: fc.constantFrom(...types),
      attempt: attempts,
      dropped: fc.subarray([...loose]),
    })
    .map(({ name, attempt, dropped }) => {
      const given: Record<string, unknown> = { ...examples[name] };
      if ('attempt' in given) given['attempt'] = attempt;
      const kept = Object.entries(given).filter(([field]) => !dropped.includes(field));
      return { type: name, data: Object.fromEntries(kept) } as E;
    });

export const notificationEvents = eventsOf<NotificationEvent>(
  Object.keys(notificationSchemas) as NotificationEvent['type'][],
  ['scheduledAt', 'expiresAt', 'broadcastId', 'nextAttemptAt', 'url', 'code', 'evidence'],
);
export const userEvents = eventsOf<UserEvent>(Object.keys(userSchemas) as UserEvent['type'][], [
  'name',
  'email',
  'phone',
  'attributes',
  'evidence',
  'expiresAt',
  'channel',
  'category',
]);
export const layoutEvents = eventsOf<LayoutEvent>(
  Object.keys(layoutSchemas) as LayoutEvent['type'][],
  ['locales'],
);
export const templateEvents = eventsOf<TemplateEvent>(
  Object.keys(templateSchemas) as TemplateEvent['type'][],
  ['description'],
);

const name = fc.constantFrom('Ada', 'Bob');
const email = fc.constantFrom('ada@example.org', 'bob@example.org');
const timezone = fc.constantFrom('Europe/Oslo', 'Asia/Tokyo');
const locale = fc.constantFrom('nb-NO', 'ja-JP');
const deviceId = fc.constantFrom('phone', 'tablet');
const device = fc.oneof(
  fc.record({
    deviceId,
    platform: fc.constantFrom('fcm' as const, 'apns' as const),
    token: fc.constantFrom('t1', 't2'),
  }),
  fc.record({
    deviceId,
    platform: fc.constant('webpush' as const),
    endpoint: fc.constantFrom('t1', 't3'),
    keys: fc.record({ p256dh: fc.constant('p'), auth: fc.constantFrom('a', 'b') }),
  }),
);
const attributes = compact(
  fc.record({ plan: optional(fc.constantFrom('free', 'pro')), seats: optional(fc.nat(2)) }),
);
const address = fc.oneof(
  fc.record({ channel: fc.constant('email' as const), address: email }),
  fc.record({
    channel: fc.constant('sms' as const),
    address: fc.constantFrom('+4915100000001', '+4915100000002'),
  }),
);
const source = fc.constantFrom('api', 'preference page');
const channel = fc.constantFrom(...channels);
const category = fc.constantFrom(...categories);
const topics = fc.array(
  compact(
    fc.record({
      topic: fc.constantFrom('digest', 'news'),
      channel: optional(channel),
      enabled: fc.boolean(),
    }),
  ),
  { maxLength: 3 },
);
const scope = fc.oneof(
  fc.record({ scope: fc.constant('all' as const) }),
  fc.record({ scope: fc.constant('channel' as const), channel }),
  fc.record({ scope: fc.constant('category' as const), category }),
  fc.record({ scope: fc.constant('kind' as const), channel, category }),
);
const quietHours = fc.record({
  windows: fc.array(
    fc.record({
      days: fc.constantFrom([1, 2, 3], [6, 7]),
      from: fc.constant('22:00'),
      to: fc.constantFrom('07:00', '08:00'),
    }),
    { maxLength: 2 },
  ),
});
const consent = compact(
  fc.record({
    given: fc.boolean(),
    wording: fc.constantFrom('Yes, please.', 'All right.'),
    source,
    at: early,
    evidence: optional(fc.constant('a form')),
    expiresAt: optional(later),
  }),
);
const preferences = fc.array(
  fc.record({
    channel: fc.constantFrom(...channels),
    category: fc.constantFrom(...categories),
    enabled: fc.boolean(),
  }),
  { maxLength: 4 },
);

export const userCommands = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      type: type('RegisterUser'),
      userId: fc.constant('ada'),
      profile: compact(
        fc.record({
          name: optional(name),
          email: optional(email),
          timezone,
          locale,
          attributes: optional(attributes),
        }),
      ),
    }),
  },
  fc.record({
    type: type('UpdateUser'),
    changes: compact(
      fc.record({
        name: optional(fc.option(name)),
        email: optional(fc.option(email)),
        timezone: optional(timezone),
        attributes: optional(
          compact(fc.record({ plan: optional(fc.constant(null)), seats: optional(fc.nat(2)) })),
        ),
      }),
    ),
  }),
  fc.record({
    type: type('SaveUser'),
    userId: fc.constant('ada'),
    changes: compact(
      fc.record({ email: optional(fc.option(email)), attributes: optional(attributes) }),
    ),
  }),
  address.chain((named) =>
    fc.record({
      type: type('AddAddress'),
      channel: fc.constant(named.channel),
      address: fc.constant(named.address),
      primary: fc.boolean(),
    }),
  ),
  address.map((named) => ({ type: 'RemoveAddress', ...named })),
  address.map((named) => ({ type: 'VerifyAddress', ...named, source: 'the shop' })),
  fc.record({ type: type('RegisterDevice'), device }),
  fc.record({
    type: type('RemoveDevice'),
    deviceId,
    reason: fc.constant('signed out'),
  }),
  fc.record({ type: type('RemoveDeadTokens'), tokens: fc.subarray(['t1', 't2', 't3']) }),
  fc.record({
    type: type('UpdatePreferences'),
    changes: preferences,
    topics,
    source,
  }),
  fc.record({ type: type('SetQuietHours'), quietHours }),
  fc.record({ type: type('RecordConsent'), channel, category, consent }),
  fc.record({ type: type('Unsubscribe'), from: scope, source }),
  fc.record({ type: type('Resubscribe'), to: scope, source }),
  fc.record({ type: fc.constantFrom('StopChannel', 'ResumeChannel'), channel, source }),
) as fc.Arbitrary<UserCommand>;

const content = fc
  .record({
    category: fc.constantFrom(...categories),
    body: fc.constantFrom('Hello {{who}}', 'Bye {{who}}', '{{nobody}}', '{{#if who}}yes'),
  })
  .map(({ category, body }): TemplateContent => ({
    category,
    priority: 'normal',
    channels: { sms: { body } },
    variables: [{ name: 'who', type: 'string' }],
  }));

export const templateCommands = fc.oneof(
  fc.record({ type: type('CreateTemplate'), name: fc.constant('welcome'), content }),
  fc.record({ type: type('PublishTemplateVersion'), content }),
  fc.record({
    type: type('SaveTemplateDraft'),
    name: fc.constant('welcome'),
    content,
  }),
  fc.record({ type: type('DiscardTemplateDraft') }),
  compact(fc.record({ type: type('PublishTemplateVersion'), content, draft: optional(content) })),
  fc.record({
    type: type('RollBackTemplate'),
    from: fc.integer({ min: 0, max: 3 }),
    why: fc.constant('worse'),
  }),
  fc.record({ type: type('ActivateTemplateVersion'), version: fc.integer({ min: -1, max: 4 }) }),
  { weight: 1, arbitrary: fc.record({ type: type('ArchiveTemplate'), why: fc.constant('old') }) },
) as fc.Arbitrary<TemplateCommand>;

export const segmentEvents = eventsOf<SegmentEvent>(
  Object.keys(segmentSchemas) as SegmentEvent['type'][],
  ['description', 'rule'],
);
export const broadcastEvents = eventsOf<BroadcastEvent>(
  Object.keys(broadcastSchemas) as BroadcastEvent['type'][],
  ['title', 'scheduledAt', 'localTime', 'expiresAt'],
);

const members = fc.uniqueArray(fc.constantFrom('ada', 'bob', 'eve'), { minLength: 1 });
const rule = fc.constantFrom('nb-NO', 'de-DE').map((value) => ({
  kind: 'rule' as const,
  rule: { field: 'locale' as const, op: 'eq' as const, value },
}));

export const segmentCommands = fc.oneof(
  fc.record({
    type: type('DefineSegment'),
    name: fc.constant('nordic'),
    definition: fc.oneof(fc.constant({ kind: 'static' as const }), rule),
  }),
  { weight: 3, arbitrary: fc.record({ type: type('AddMembers'), userIds: members }) },
  { weight: 2, arbitrary: fc.record({ type: type('RemoveMembers'), userIds: members }) },
) as fc.Arbitrary<SegmentCommand>;

const holder = fc.constantFrom('h1', 'h2');
const place = fc.constantFrom('ada', 'bob', 'eve');
const { expiresAt, ...unlimited } = examples.BroadcastRequested;

export const broadcastCommands = fc.oneof(
  fc.record({
    type: type('RequestBroadcast'),
    request: fc
      .record({ fingerprint: fc.constantFrom('f1', 'f2'), expires: fc.boolean() })
      .map(({ fingerprint, expires }) => ({
        ...unlimited,
        fingerprint,
        ...(expires ? { expiresAt } : {}),
      })),
    refusals: fc.constantFrom([], examples.BroadcastLinesRefused.refusals),
  }),
  {
    weight: 2,
    arbitrary: fc.record({ type: type('TakeUpBroadcast'), holder, recipients: fc.nat(9) }),
  },
  {
    weight: 5,
    arbitrary: compact(
      fc.record({
        type: type('RecordPage'),
        holder,
        after: optional(place),
        cursor: optional(place),
        accepted: fc.nat(9),
        suppressed: fc.nat(9),
        refusals: fc.constant([]),
        isLast: fc.boolean(),
      }),
    ),
  },
  fc.record({
    type: type('ExpireBroadcast'),
    at: fc.constantFrom('2027-03-01T09:00:00.000Z', '2027-03-03T09:00:00.000Z'),
  }),
  fc.record({ type: type('PauseBroadcast'), ...who }),
  fc.record({ type: type('ResumeBroadcast'), by: who.by }),
  fc.record({ type: type('CancelBroadcast'), ...who }),
  fc.record({ type: type('FinishCancellation'), cancelled: fc.nat(9) }),
) as fc.Arbitrary<BroadcastCommand>;
export const layoutCommands = fc.oneof(
  fc.record({
    type: type('PublishLayout'),
    name: fc.constant('plain'),
    content: fc.record({
      html: fc.constantFrom('<p>{{{content}}}</p>', '<b>{{{content}}}</b>', '<p></p>'),
      text: fc.constantFrom('{{{content}}}', '{{{content}}}!'),
    }),
  }),
  fc.record({ type: type('ArchiveLayout'), why: fc.constant('old') }),
) as fc.Arbitrary<LayoutCommand>;
