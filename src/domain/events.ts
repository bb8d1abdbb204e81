import { type BroadcastEvent, broadcastSchemas } from './broadcast/events.ts';
import { type ListEvent, listSchemas } from './broadcast/list.ts';
import { type InboundTextEvent, inboundTextSchemas } from './inbound/inboundText.ts';
import { type LayoutEvent, layoutSchemas } from './layout/layout.ts';
import { type NotificationEvent, notificationSchemas } from './notification/events.ts';
import type { EventSchema } from './schema.ts';
import { type SuppressionEvent, suppressionSchemas } from './suppression/suppression.ts';
import { type SegmentEvent, segmentSchemas } from './segment/segment.ts';
import { type TemplateEvent, templateSchemas } from './template/template.ts';
import { type UserEvent, userSchemas } from './user/events.ts';

/** Every event that Tidings writes. */
export type DomainEvent =
  | NotificationEvent
  | UserEvent
  | SuppressionEvent
  | InboundTextEvent
  | TemplateEvent
  | SegmentEvent
  | BroadcastEvent
  | ListEvent
  | LayoutEvent;
export type DomainEventType = DomainEvent['type'];

/** The stored form of every event type. */
export const schemas: Readonly<Record<DomainEventType, EventSchema>> = {
  ...notificationSchemas,
  ...userSchemas,
  ...suppressionSchemas,
  ...inboundTextSchemas,
  ...templateSchemas,
  ...segmentSchemas,
  ...broadcastSchemas,
  ...listSchemas,
  ...layoutSchemas,
};

export const isDomainEventType = (type: string): type is DomainEventType =>
  Object.hasOwn(schemas, type);
