import fc from 'fast-check';
import { fold } from '../../src/domain/decider.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { NotificationCommand } from '../../src/domain/notification/commands.ts';
import { notification } from '../../src/domain/notification/notification.ts';
import type { Recorded } from '../../src/eventstore/event.ts';
import { notificationCommands } from '../support/arbitraries.ts';
import { recorded } from '../support/log.ts';
import { DomainError } from '../../src/domain/errors.ts';

const eventsOf = (commands: readonly NotificationCommand[]): readonly DomainEvent[] => {
  const events: DomainEvent[] = [];
  let state = notification.initialState;
  for (const command of commands) {
    try {
      const decided = notification.decide(command, state);
      events.push(...decided);
      state = fold(notification, decided, state);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
  return events;
};

const life = fc.array(notificationCommands, { minLength: 1, maxLength: 25 }).map(eventsOf);

/** The log of a few notifications, as commands lead to it, their events mixed. */
export const logs: fc.Arbitrary<readonly Recorded[]> = fc
  .record({
    lives: fc.array(life, { minLength: 1, maxLength: 4 }),
    order: fc.array(fc.nat({ max: 3 }), { maxLength: 60 }),
    hours: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 8 }),
  })
  .map(({ lives, order, hours }) => {
    const waiting = lives.map((events, index) => ({ id: `n${index}`, events: [...events] }));
    const entries: (readonly [string, DomainEvent])[] = [];
    const takeFrom = (index: number) => {
      const next = waiting[index]?.events.shift();
      if (next) entries.push([`notification-n${index}`, named(next, `n${index}`)]);
      return next;
    };
    for (const index of order) takeFrom(index);
    for (const [index] of waiting.entries()) while (takeFrom(index));
    return recorded(entries, (index) =>
      new Date(Date.UTC(2027, 2, 1, hours[index % hours.length], index)).toISOString(),
    );
  });

const named = (event: DomainEvent, notificationId: string): DomainEvent =>
  event.type === 'NotificationRequested'
    ? { type: event.type, data: { ...event.data, notificationId } }
    : event;
