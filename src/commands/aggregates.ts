import {
  broadcast,
  type BroadcastCommand,
  type BroadcastState,
} from '../domain/broadcast/broadcast.ts';
import { type BroadcastEvent, broadcastStream } from '../domain/broadcast/events.ts';
import {
  inboundText,
  type InboundTextCommand,
  type InboundTextEvent,
  type InboundTextState,
  inboundTextStream,
} from '../domain/inbound/inboundText.ts';
import type { NotificationCommand } from '../domain/notification/commands.ts';
import { type NotificationEvent, notificationStream } from '../domain/notification/events.ts';
import { notification } from '../domain/notification/notification.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import {
  suppression,
  type SuppressionCommand,
  type SuppressionEvent,
  type SuppressionState,
  suppressionStream,
} from '../domain/suppression/suppression.ts';
import {
  segment,
  type SegmentCommand,
  type SegmentEvent,
  type SegmentState,
  segmentStream,
} from '../domain/segment/segment.ts';
import {
  layout,
  type LayoutCommand,
  type LayoutEvent,
  type LayoutState,
  layoutStream,
} from '../domain/layout/layout.ts';
import type { TemplateCommand } from '../domain/template/decide.ts';
import {
  template,
  type TemplateEvent,
  type TemplateState,
  templateStream,
} from '../domain/template/template.ts';
import type { UserCommand } from '../domain/user/commands.ts';
import { type UserEvent, userStream } from '../domain/user/events.ts';
import type { UserState } from '../domain/user/state.ts';
import { user } from '../domain/user/user.ts';
import type { Aggregate } from './execute.ts';

export const notifications: Aggregate<NotificationState, NotificationCommand, NotificationEvent> = {
  decider: notification,
  stream: notificationStream,
  subject: (_id, state) => (state.status === 'none' ? undefined : state.userId),
};

export const users: Aggregate<UserState, UserCommand, UserEvent> = {
  decider: user,
  stream: userStream,
  subject: (id) => id,
};

/** The id is the keyed hash of the address; the subject stays unsaid, since it outlives them. */
export const suppressions: Aggregate<SuppressionState, SuppressionCommand, SuppressionEvent> = {
  decider: suppression,
  stream: suppressionStream,
  subject: () => undefined,
};

/** The id is the provider's; what the text says is kept under the key of the first who has the number. */
export const inboundTexts: Aggregate<InboundTextState, InboundTextCommand, InboundTextEvent> = {
  decider: inboundText,
  stream: inboundTextStream,
  subject: (_id, state) => (state.status === 'none' ? undefined : state.userIds[0]),
};

export const templates: Aggregate<TemplateState, TemplateCommand, TemplateEvent> = {
  decider: template,
  stream: templateStream,
  subject: () => undefined,
};

export const segments: Aggregate<SegmentState, SegmentCommand, SegmentEvent> = {
  decider: segment,
  stream: segmentStream,
  subject: () => undefined,
};

/** What a broadcast says is about nobody, and is kept under a key of its own all the same. */
export const broadcasts: Aggregate<BroadcastState, BroadcastCommand, BroadcastEvent> = {
  decider: broadcast,
  stream: broadcastStream,
  subject: broadcastStream,
};
export const layouts: Aggregate<LayoutState, LayoutCommand, LayoutEvent> = {
  decider: layout,
  stream: layoutStream,
  subject: () => undefined,
};
