import { registerEnumType } from 'type-graphql';
import { type ErrorCode, errorCodes } from '../domain/errors.ts';
import type { BreakerState } from '../domain/providerReport.ts';
import type { NotificationEvent } from '../domain/notification/events.ts';
import type { TextDecision } from '../domain/inbound/inboundText.ts';
import type { Operator } from '../domain/segment/rule.ts';
import type { Purpose, TemplateVariable } from '../domain/template/content.ts';
import type { SuppressionReason, SuppressionScope } from '../domain/suppression/suppression.ts';
import type { UnsubscribeScope } from '../domain/user/events.ts';
import { type ProblemCode, problemCodes } from '../domain/template/problem.ts';
import type { Platform } from '../domain/user/state.ts';
import type { Category, Channel, Priority } from '../domain/vocabulary.ts';
import type { AnalyticsDimension, AnalyticsInterval } from '../projections/analytics.ts';
import { type NotificationStatus, notificationStatuses } from '../projections/notifications.ts';

/** The enums of the API: the name that clients see and the value that it stands for. */
type Names<V extends string> = Readonly<Record<string, V>>;

const itself = <V extends string>(values: readonly V[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as { readonly [K in V]: K };

export const ChannelEnum = {
  EMAIL: 'email',
  SMS: 'sms',
  PUSH: 'push',
  IN_APP: 'in_app',
} as const satisfies Names<Channel>;
registerEnumType(ChannelEnum, { name: 'Channel' });

export const CategoryEnum = {
  TRANSACTIONAL: 'transactional',
  MARKETING: 'marketing',
  SYSTEM: 'system',
} as const satisfies Names<Category>;
registerEnumType(CategoryEnum, {
  name: 'Category',
  description: 'What a message is for; a property of the template version.',
});

export const PriorityEnum = {
  LOW: 'low',
  NORMAL: 'normal',
  HIGH: 'high',
  URGENT: 'urgent',
} as const satisfies Names<Priority>;
registerEnumType(PriorityEnum, {
  name: 'Priority',
  description: 'Of two notifications that wait, the higher one is dispatched first.',
});

export const StatusEnum = itself<NotificationStatus>(notificationStatuses);
registerEnumType(StatusEnum, {
  name: 'NotificationStatus',
  description: 'Opened and clicked are moments beside it.',
});

const eventTypes = {
  REQUESTED: 'NotificationRequested',
  SUPPRESSED: 'NotificationSuppressed',
  DEFERRED: 'NotificationDeferred',
  DISPATCH_STARTED: 'DispatchStarted',
  SENT: 'NotificationSent',
  FAILED: 'NotificationFailed',
  OUTCOME_UNKNOWN: 'DispatchOutcomeUnknown',
  DELIVERED: 'NotificationDelivered',
  OPENED: 'NotificationOpened',
  CLICKED: 'NotificationClicked',
  BOUNCED: 'NotificationBounced',
  COMPLAINED: 'NotificationComplained',
  DEAD_LETTERED: 'NotificationDeadLettered',
  REQUEUED: 'NotificationRequeued',
  DISCARDED: 'NotificationDiscarded',
  CANCELLED: 'NotificationCancelled',
  EXPIRED: 'NotificationExpired',
} as const satisfies Names<NotificationEvent['type']>;

type Forgotten = Exclude<NotificationEvent['type'], (typeof eventTypes)[keyof typeof eventTypes]>;
/** Does not compile when the domain has an event that has no name here. */
export const EventTypeEnum: [Forgotten] extends [never] ? typeof eventTypes : never = eventTypes;
registerEnumType(EventTypeEnum, {
  name: 'NotificationEventType',
  description: 'What happened to a notification.',
});

/** The name that clients see for a type of event, for instance `DEAD_LETTERED`. */
export const eventNames = new Map<NotificationEvent['type'], keyof typeof eventTypes>(
  Object.entries(eventTypes).map(([name, type]) => [type, name as keyof typeof eventTypes]),
);

export const ErrorCodeEnum = itself<ErrorCode>(errorCodes);
registerEnumType(ErrorCodeEnum, {
  name: 'ErrorCode',
  description: 'Why something was refused. Codes are added, never renamed.',
});

export const PlatformEnum = {
  FCM: 'fcm',
  APNS: 'apns',
  WEBPUSH: 'webpush',
} as const satisfies Names<Platform>;
registerEnumType(PlatformEnum, { name: 'Platform', description: 'Who delivers to the device.' });

export const UnsubscribeScopeEnum = {
  ALL: 'all',
  CHANNEL: 'channel',
  CATEGORY: 'category',
  KIND: 'kind',
} as const satisfies Names<UnsubscribeScope['scope']>;
export type ScopeEnum = (typeof UnsubscribeScopeEnum)[keyof typeof UnsubscribeScopeEnum];
registerEnumType(UnsubscribeScopeEnum, {
  name: 'UnsubscribeScope',
  description: 'What is unsubscribed from; a kind is a category over a channel.',
});

export const SuppressionScopeEnum = {
  ALL: 'all',
  MARKETING: 'marketing',
} as const satisfies Names<SuppressionScope>;
registerEnumType(SuppressionScopeEnum, {
  name: 'SuppressionScope',
  description: 'What is not sent to a suppressed address.',
});

export const SuppressionReasonEnum = {
  HARD_BOUNCE: 'hard bounce',
  COMPLAINT: 'complaint',
  STOP: 'stop',
  UNSUBSCRIBE: 'unsubscribe',
  MANUAL: 'manual',
  SOFT_BOUNCES: 'soft bounces',
} as const satisfies Names<SuppressionReason>;
registerEnumType(SuppressionReasonEnum, { name: 'SuppressionReason' });

export const TextDecisionEnum = {
  STOP: 'stop',
  MARKETING_ONLY: 'marketing only',
  NOTHING: 'nothing',
} as const satisfies Names<TextDecision>;
registerEnumType(TextDecisionEnum, {
  name: 'TextDecision',
  description: 'The end of all texts, of marketing only, or nothing of it.',
});

export const VariableTypeEnum = {
  STRING: 'string',
  NUMBER: 'number',
  BOOLEAN: 'boolean',
} as const satisfies Names<TemplateVariable['type']>;
registerEnumType(VariableTypeEnum, { name: 'TemplateVariableType' });

export const PurposeEnum = {
  SECURITY: 'security',
  ONE_TIME_CODE: 'oneTimeCode',
} as const satisfies Names<Purpose>;
registerEnumType(PurposeEnum, {
  name: 'TemplatePurpose',
  description: 'A message that can not wait: quiet hours do not hold it up.',
});

export const ProblemCodeEnum = itself<ProblemCode>(problemCodes);
registerEnumType(ProblemCodeEnum, {
  name: 'TemplateProblemCode',
  description: 'What can be wrong with a template. Codes are added, never renamed.',
});

export const TemplateStatusEnum = { LIVE: 'live', ARCHIVED: 'archived' } as const;
registerEnumType(TemplateStatusEnum, { name: 'TemplateStatus' });

export const IntervalEnum = {
  HOUR: 'hour',
  DAY: 'day',
} as const satisfies Names<AnalyticsInterval>;
registerEnumType(IntervalEnum, { name: 'AnalyticsInterval', description: 'In UTC.' });

export const DimensionEnum = {
  CHANNEL: 'channel',
  TEMPLATE: 'template',
  CATEGORY: 'category',
  PROVIDER: 'provider',
} as const satisfies Names<AnalyticsDimension>;
registerEnumType(DimensionEnum, { name: 'AnalyticsDimension' });

export const AcknowledgementKindEnum = {
  DELIVERED: 'delivered',
  OPENED: 'opened',
  CLICKED: 'clicked',
} as const;
export type AcknowledgementKind =
  (typeof AcknowledgementKindEnum)[keyof typeof AcknowledgementKindEnum];
registerEnumType(AcknowledgementKindEnum, { name: 'AcknowledgementKind' });

export const BreakerStateEnum = {
  CLOSED: 'closed',
  OPEN: 'open',
  HALF_OPEN: 'half open',
} as const satisfies Names<BreakerState>;
registerEnumType(BreakerStateEnum, {
  name: 'BreakerState',
  description: 'An open breaker lets no call through; half open it tries the provider out.',
});

export const SegmentKindEnum = { STATIC: 'static', RULE: 'rule' } as const;
registerEnumType(SegmentKindEnum, { name: 'SegmentKind' });

export const RuleOperatorEnum = {
  EQ: 'eq',
  NE: 'ne',
  IN: 'in',
  NOT_IN: 'notIn',
  GT: 'gt',
  GTE: 'gte',
  LT: 'lt',
  LTE: 'lte',
  STARTS_WITH: 'startsWith',
  EXISTS: 'exists',
} as const satisfies Names<Operator>;
registerEnumType(RuleOperatorEnum, { name: 'RuleOperator' });

export const BroadcastStatusEnum = {
  SCHEDULED: 'scheduled',
  RUNNING: 'running',
  PAUSED: 'paused',
  COMPLETED: 'completed',
  CANCELLED: 'cancelled',
} as const;
export type BroadcastStatus = (typeof BroadcastStatusEnum)[keyof typeof BroadcastStatusEnum];
registerEnumType(BroadcastStatusEnum, {
  name: 'BroadcastStatus',
  description: 'COMPLETED: everybody was asked for; the counts say what became of it.',
});
