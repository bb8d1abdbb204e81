import type { DomainEvent, DomainEventType } from '../../src/domain/events.ts';

export type DataOf<T extends DomainEventType> = Extract<DomainEvent, { type: T }>['data'];

const about = {
  channel: 'email',
  template: 'welcome',
  category: 'transactional',
  broadcastId: 'spring',
} as const;
const report = {
  ...about,
  when: '2027-03-01T09:05:00.000Z',
  source: 'sendgrid',
  provider: 'sendgrid',
  providerEventId: 'event-1',
} as const;
const attempt = { ...about, attempt: 1, provider: 'sendgrid' } as const;

/** One event of each type, with every optional field. */
export const examples: { readonly [T in DomainEventType]: DataOf<T> } = {
  NotificationRequested: {
    ...about,
    notificationId: 'n1',
    userId: 'ada',
    templateVersion: 3,
    priority: 'high',
    variables: { orderId: 'A-17', total: 12.5, express: true },
    scheduledAt: '2027-03-01T09:00:00.000Z',
    localTime: '2027-03-01T10:00',
    expiresAt: '2027-03-02T09:00:00.000Z',
    requestedBy: 'shop',
    fingerprint: 'f1',
  },
  NotificationSuppressed: {
    ...about,
    ruleId: 'opted-out',
    reason: 'the user opted out of transactional messages over email',
    evidence: 'preference transactional:email',
  },
  NotificationDeferred: {
    ...about,
    until: '2027-03-01T10:00:00.000Z',
    reason: 'quiet hours',
    ruleId: 'quiet-hours',
    evidence: 'user-ada@3',
  },
  DispatchStarted: { ...attempt, claimId: 'claim-1', leaseUntil: '2027-03-01T09:00:30.000Z' },
  NotificationSent: {
    ...attempt,
    providerMessageId: 'm-1',
    contentHash: 'h1',
    receiptDueAt: '2027-03-01T09:00:30.000Z',
  },
  NotificationFailed: {
    ...attempt,
    code: 'HTTP_503',
    permanent: false,
    nextAttemptAt: '2027-03-01T09:01:00.000Z',
    providerRestsUntil: '2027-03-01T09:02:00.000Z',
  },
  DispatchOutcomeUnknown: {
    ...attempt,
    code: 'TIMEOUT',
    resolution: 'resend',
    settleAt: '2027-03-01T09:02:00.000Z',
  },
  NotificationDelivered: report,
  NotificationOpened: report,
  NotificationClicked: { ...report, url: 'https://shop.example/orders/A-17' },
  NotificationBounced: { ...report, permanent: true, code: '5.1.1' },
  NotificationComplained: report,
  NotificationDeadLettered: { ...about, attempts: 8, lastError: 'HTTP_503' },
  NotificationRequeued: { ...about, by: 'operator:eve', why: 'the provider is back' },
  NotificationDiscarded: { ...about, by: 'operator:eve', why: 'the customer was called' },
  NotificationCancelled: { ...about, by: 'client:shop', why: 'the order was cancelled' },
  NotificationExpired: {
    ...about,
    expiresAt: '2027-03-02T09:00:00.000Z',
    ruleId: 'quiet-hours',
    reason: 'the user has quiet hours',
    evidence: 'user-ada@3',
  },
  UserRegistered: {
    userId: 'ada',
    name: 'Ada Ødegård',
    email: 'ada@example.org',
    phone: '+4915112345678',
    timezone: 'Europe/Oslo',
    locale: 'nb-NO',
    attributes: { plan: 'pro', seats: 3, beta: true },
  },
  UserUpdated: {
    name: null,
    email: 'ada@example.net',
    phone: '+4915112345679',
    timezone: 'Europe/Berlin',
    locale: 'de-DE',
    attributes: { plan: 'free', beta: null },
  },
  AddressAdded: { channel: 'email', address: 'ada@work.example', primary: false },
  AddressRemoved: { channel: 'email', address: 'ada@work.example' },
  AddressVerified: { channel: 'email', address: 'ada@work.example', source: 'the shop' },
  DeviceRegistered: { deviceId: 'phone', platform: 'fcm', token: 'token-1' },
  WebPushRegistered: {
    deviceId: 'browser',
    endpoint: 'https://push.example/send/1',
    keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) },
  },
  DeviceRemoved: { deviceId: 'phone', reason: 'the user signed out' },
  PreferencesUpdated: {
    changes: [{ channel: 'email', category: 'marketing', enabled: false }],
    source: 'unsubscribe link',
  },
  TopicPreferencesUpdated: {
    changes: [
      { topic: 'digest', enabled: false },
      { topic: 'digest', channel: 'push', enabled: true },
    ],
    source: 'preference page',
  },
  QuietHoursSet: {
    windows: [
      { days: [1, 2, 3, 4, 5], from: '22:00', to: '07:00' },
      { days: [6, 7], from: '23:30', to: '10:00' },
    ],
  },
  ConsentRecorded: {
    channel: 'sms',
    category: 'marketing',
    given: true,
    wording: 'Send me offers by text message. I can say STOP at any time.',
    source: 'signup form',
    at: '2027-03-01T08:55:00.000Z',
    evidence: 'form 17, submitted from 192.0.2.1',
    expiresAt: '2029-03-01T08:55:00.000Z',
    tracking: true,
  },
  Unsubscribed: {
    scope: 'category',
    channel: 'email',
    category: 'marketing',
    source: 'unsubscribe link',
  },
  Resubscribed: {
    scope: 'category',
    channel: 'email',
    category: 'marketing',
    source: 'preference page',
  },
  ChannelStopped: { channel: 'sms', source: 'text message' },
  ChannelResumed: { channel: 'sms', source: 'text message' },
  AddressSuppressed: {
    channel: 'email',
    scope: 'all',
    reason: 'hard bounce',
    source: 'sendgrid',
    why: 'asked by letter',
    notificationId: 'n1',
  },
  AddressSoftBounced: {
    channel: 'email',
    source: 'sendgrid',
    notificationId: 'n1',
    when: '2027-03-01T09:00:00.000Z',
  },
  AddressPaused: {
    channel: 'email',
    until: '2027-03-04T09:00:00.000Z',
    source: 'sendgrid',
    notificationId: 'n1',
  },
  TextReceived: {
    provider: 'twilio',
    addressHash: '5f1d',
    meaning: 'unclear',
    userIds: ['ada'],
    body: 'please do not stop by tomorrow',
  },
  TextHandled: { changed: true },
  TextSettled: { decision: 'marketing only', by: 'client:support', why: 'it was about offers' },
  SuppressionLifted: {
    reasons: ['hard bounce'],
    why: 'the mailbox is back',
    by: 'client:support',
  },
  TemplateCreated: { name: 'welcome', description: 'The first message' },
  TemplateVersionPublished: {
    version: 1,
    category: 'transactional',
    priority: 'high',
    required: true,
    purpose: 'security',
    channels: {
      email: {
        subject: 'Hi {{userName}}',
        mjml: '<mj-text>{{orderId}}</mj-text>',
        text: '{{orderId}}',
        compiled: { html: '<p>{{orderId}}</p>', text: '{{orderId}}\n\nThe shop' },
      },
      sms: { body: '{{orderId}}' },
      push: { title: 'Your order', body: '{{orderId}}', data: { order: '{{orderId}}' } },
      in_app: {
        title: 'Your order',
        body: '{{orderId}}',
        actionUrl: "{{url 'https://shop.example/orders' orderId}}",
      },
    },
    defaultLocale: 'en',
    locales: { de: { sms: { body: 'Bestellung {{orderId}}' } } },
    layout: { name: 'plain', version: 2 },
    postalAddress: 'Shop Ltd, 1 Example Street, Springfield 00100',
    tracking: { opens: true, clicks: true },
    variables: [{ name: 'orderId', type: 'string' }],
    schema: {
      type: 'object',
      properties: { orderId: { type: 'string' } },
      required: ['orderId'],
      additionalProperties: false,
    },
    fromDraft: true,
  },
  TemplateVersionActivated: { version: 1 },
  TemplateRolledBack: { from: 2, to: 1, why: 'it was too long' },
  TemplateDraftSaved: {
    content: {
      category: 'marketing',
      priority: 'low',
      channels: { email: { subject: 'News', mjml: '<mj-text>News</mj-text>', text: 'News' } },
      layout: { name: 'plain' },
      variables: [],
    },
  },
  TemplateDraftDiscarded: {},
  LayoutPublished: {
    name: 'plain',
    version: 1,
    html: '<p>{{{content}}}</p>',
    mjml: '<mjml><mj-body>{{{content}}}</mj-body></mjml>',
    text: '{{{content}}}\n\nThe shop',
    defaultLocale: 'en',
    locales: {
      de: {
        mjml: '<mjml lang="de"><mj-body>{{{content}}}</mj-body></mjml>',
        text: '{{{content}}}\n\nDer Laden',
      },
    },
    postalAddress: 'Shop Ltd, 1 Example Street, Springfield 00100',
  },
  LayoutArchived: { why: 'the brand changed' },
  TemplateArchived: { why: 'replaced' },
  SegmentDefined: {
    name: 'nordic',
    kind: 'rule',
    rule: { field: 'locale', op: 'in', value: ['nb-NO', 'sv-SE'] },
    description: 'Readers in the north',
  },
  SegmentChanged: {
    kind: 'rule',
    rule: { not: { field: 'lastNotifiedAt', op: 'gt', value: '-P30D' } },
    description: 'Not lately',
  },
  SegmentMembersAdded: { userIds: ['ada', 'bob'] },
  SegmentMembersRemoved: { userIds: ['bob'] },
  BroadcastRequested: {
    broadcastId: 'spring',
    title: 'Spring',
    audience: { kind: 'segment', segment: 'nordic' },
    channel: 'email',
    template: 'welcome',
    templateVersion: 3,
    category: 'transactional',
    priority: 'low',
    variables: { orderId: 'A-17' },
    scheduledAt: '2027-03-01T09:00:00.000Z',
    localTime: '2027-03-01T09:00',
    expiresAt: '2027-03-02T09:00:00.000Z',
    requestedBy: 'shop',
    fingerprint: 'f1',
  },
  BroadcastLinesRefused: {
    refusals: [{ line: 3, code: 'BAD_INPUT', field: 'userId', reason: 'it names nobody' }],
  },
  BroadcastTakenUp: { holder: 'h1', recipients: 3 },
  BroadcastPageExpanded: {
    holder: 'h1',
    page: 1,
    cursor: 'eve',
    accepted: 1,
    suppressed: 1,
    refusals: [
      { userId: 'eve', line: 4, code: 'NO_ADDRESS', field: 'channel', reason: 'no address' },
    ],
  },
  BroadcastPaused: { by: 'client:shop', why: 'a mistake in the text' },
  BroadcastResumed: { by: 'client:shop' },
  BroadcastCompleted: { expired: false },
  BroadcastCancelled: { by: 'client:shop', why: 'out of stock' },
  BroadcastCancellationFinished: { cancelled: 7 },
  RecipientListed: { userId: 'ada', line: 2, variables: { orderId: 'A-18' } },
  ListClosed: {
    rows: 1,
    refusals: [{ line: 3, code: 'BAD_INPUT', reason: 'it is not JSON' }],
  },
};

/** An event as the deciders take it, with fields of its example replaced. */
export const example = <T extends DomainEventType>(
  type: T,
  changes: Partial<DataOf<T>> = {},
): Extract<DomainEvent, { type: T }> =>
  ({ type, data: { ...examples[type], ...changes } }) as unknown as Extract<
    DomainEvent,
    { type: T }
  >;

/** The same without the optional fields that are named. */
export const without = <T extends DomainEventType>(
  event: Extract<DomainEvent, { type: T }>,
  ...fields: readonly (keyof DataOf<T>)[]
): Extract<DomainEvent, { type: T }> => ({
  ...event,
  data: Object.fromEntries(
    Object.entries(event.data).filter(([field]) => !fields.includes(field as keyof DataOf<T>)),
  ),
});
