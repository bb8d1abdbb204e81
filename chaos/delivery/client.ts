import { setTimeout as after } from 'node:timers/promises';
import type { TidingsProcess } from '../../tools/tidingsProcess.ts';
import { type Wish, wishOf } from './setup.ts';

const IN_FLIGHT = 8;
const AGAIN_AFTER_MS = 50;
/** Of what was acknowledged, one in so many is asked for again. */
const AGAIN_EVERY = 20;

const request = `mutation ($input: RequestNotificationInput!) {
  requestNotification(input: $input) {
    __typename
    ... on NotificationAccepted { notificationId duplicate }
    ... on NotificationSuppressed { notificationId duplicate }
    ... on RequestRefused { code message }
  }
}`;

interface Answer {
  readonly requestNotification:
    | {
        readonly __typename: 'NotificationAccepted' | 'NotificationSuppressed';
        readonly notificationId: string;
        readonly duplicate: boolean;
      }
    | {
        readonly __typename: 'RequestRefused';
        readonly code: string;
        readonly message: string;
      };
}

/** A client that asks for notifications, and asks again, by the same key, for what was not acknowledged. */
export interface Client {
  /** The program to ask from now on; undefined while there is none. */
  use(tidings: TidingsProcess | undefined): void;
  /** Lets the client get to so many requests, evenly within this time. */
  advance(to: number, milliseconds: number): void;
  /** What was acknowledged, by id. */
  readonly accepted: ReadonlyMap<string, Wish>;
  /** Requests that were made again. */
  repeats(): number;
  /** Answers that were wrong, in words. */
  readonly problems: readonly string[];
  /** Resolves once everything is acknowledged, or when the client is to stop. */
  readonly finished: Promise<void>;
  stop(): void;
}

export const startClient = (notifications: number, seed: number): Client => {
  const accepted = new Map<string, Wish>();
  const problems: string[] = [];
  let tidings: TidingsProcess | undefined;
  let stopped = false as boolean;
  let next = 0;
  let repeats = 0;
  let pace = { from: 0, to: 0, since: 0, milliseconds: 1 };

  const allowed = (): number => {
    const share = Math.min((performance.now() - pace.since) / pace.milliseconds, 1);
    return Math.floor(pace.from + (pace.to - pace.from) * share);
  };

  /** Resolves with the answer to a request, however often it has to be made. */
  const ask = async (input: Wish): Promise<Answer['requestNotification'] | undefined> => {
    for (let tries = 0; !stopped;) {
      if (!tidings) {
        await after(AGAIN_AFTER_MS);
        continue;
      }
      if (tries > 0) repeats += 1;
      tries += 1;
      try {
        return (await tidings.run<Answer>(request, { input })).requestNotification;
      } catch {
        // Killed, or not there yet: accepted or not, the key makes it one.
        await after(AGAIN_AFTER_MS);
      }
    }
    return undefined;
  };

  const send = async (n: number): Promise<void> => {
    const wish = wishOf(n, seed);
    const answer = await ask(wish);
    if (!answer) return;
    if (answer.__typename === 'RequestRefused') {
      problems.push(`${wish.idempotencyKey} was refused: ${answer.code}, ${answer.message}`);
      return;
    }
    accepted.set(answer.notificationId, wish);
    if (n % AGAIN_EVERY !== 0) return;
    repeats += 1;
    const again = await ask(wish);
    if (!again) return;
    const isSame =
      again.__typename !== 'RequestRefused' &&
      again.duplicate &&
      again.notificationId === answer.notificationId;
    if (!isSame) problems.push(`${wish.idempotencyKey} made something new when asked for again`);
  };

  const work = async (): Promise<void> => {
    while (next < notifications && !stopped) {
      if (next < allowed()) {
        next += 1;
        await send(next - 1);
      } else await after(10);
    }
  };

  return {
    use: (process) => {
      tidings = process;
    },
    advance: (to, milliseconds) => {
      pace = {
        from: next,
        to: Math.min(to, notifications),
        since: performance.now(),
        milliseconds,
      };
    },
    accepted,
    repeats: () => repeats,
    problems,
    finished: Promise.all(Array.from({ length: IN_FLIGHT }, work)).then(() => undefined),
    stop: () => {
      stopped = true;
    },
  };
};
