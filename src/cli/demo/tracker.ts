import { type Ending, isEnd } from './plan.ts';

/** One update of `deliveryFeed`, as the demo asks for it. */
export interface FeedUpdate {
  readonly notificationId: string;
  readonly channel: 'EMAIL' | 'SMS' | 'PUSH' | 'IN_APP';
  readonly type: string;
  readonly status: string;
  /** Null where no provider has to do with it. */
  readonly provider: string | null;
  readonly at: string;
}

export const channels: readonly FeedUpdate['channel'][] = ['EMAIL', 'SMS', 'PUSH', 'IN_APP'];

interface Tracked {
  expected: Ending | undefined;
  channel: FeedUpdate['channel'] | undefined;
  status: string;
  /** That it was last taken to. */
  provider: string | undefined;
  requestedAt: number;
  sentAt: number;
  opened: boolean;
  inDoubt: boolean;
}

export interface ChannelCounts {
  readonly requested: number;
  readonly sent: number;
  readonly delivered: number;
  readonly opened: number;
  readonly failed: number;
  readonly suppressed: number;
  readonly deadLettered: number;
}

/** Follows every notification of the demo to its end. */
export interface Tracker {
  expect(notificationId: string, ending: Ending): void;
  see(update: FeedUpdate): void;
  /** Expected, and not yet where it is to end. */
  underWay(): number;
  finished(): number;
  counts(channel?: FeedUpdate['channel']): ChannelCounts;
  /** Milliseconds from request to the provider's acceptance, ascending. */
  latencies(): readonly number[];
  /** Those that ended elsewhere, or not yet. */
  mismatches(): readonly {
    readonly id: string;
    readonly expected: Ending;
    readonly status: string;
  }[];
  /** There were messages to dead mailboxes, and not one of them came back or was refused. */
  noneBounced(): boolean;
  inDoubt(): ReadonlySet<string>;
  sentIds(): ReadonlySet<string>;
  /** In-app messages have no provider outside. */
  isInApp(notificationId: string): boolean;
  lastFinished(count: number): readonly { readonly id: string; readonly status: string }[];
  /** Resolves at the next change. */
  changed(): Promise<void>;
}

const failedStatuses = new Set(['BOUNCED', 'FAILED']);
const returned = new Set(['BOUNCED', 'DEAD_LETTERED']);

export const createTracker = (): Tracker => {
  const all = new Map<string, Tracked>();
  const order: string[] = [];
  let expected = 0;
  let finished = 0;
  let waiters: (() => void)[] = [];

  const trackedOf = (id: string): Tracked => {
    let tracked = all.get(id);
    if (!tracked) {
      tracked = {
        expected: undefined,
        channel: undefined,
        status: 'PENDING',
        provider: undefined,
        requestedAt: 0,
        sentAt: 0,
        opened: false,
        inDoubt: false,
      };
      all.set(id, tracked);
    }
    return tracked;
  };
  // What can't be known to have been accepted, and must not be risked twice, ends with an operator.
  const isFinished = ({ expected: ending, status, provider, inDoubt }: Tracked) =>
    ending !== undefined &&
    (isEnd(ending, status, provider) || (inDoubt && status === 'DEAD_LETTERED'));
  const update = (id: string, change: (tracked: Tracked) => void) => {
    const tracked = trackedOf(id);
    const before = isFinished(tracked);
    change(tracked);
    const after = isFinished(tracked);
    if (before === after) return;
    finished += after ? 1 : -1;
    if (after) order.push(id);
    const woken = waiters;
    waiters = [];
    for (const wake of woken) wake();
  };
  const mine = () => [...all].filter(([, tracked]) => tracked.expected !== undefined);

  return {
    expect: (id, ending) =>
      update(id, (tracked) => {
        if (tracked.expected === undefined) expected += 1;
        tracked.expected = ending;
      }),
    see: ({ notificationId, channel, type, status, provider, at }) =>
      update(notificationId, (tracked) => {
        tracked.channel = channel;
        tracked.status = status;
        tracked.provider = provider ?? tracked.provider;
        if (type === 'REQUESTED') tracked.requestedAt = Date.parse(at);
        if (type === 'SENT') tracked.sentAt = Date.parse(at);
        if (type === 'OPENED') tracked.opened = true;
        if (type === 'OUTCOME_UNKNOWN') tracked.inDoubt = true;
      }),
    underWay: () => expected - finished,
    finished: () => finished,
    counts: (channel) => {
      const chosen = mine().flatMap(([, t]) => (!channel || t.channel === channel ? [t] : []));
      const count = (holds: (tracked: Tracked) => boolean) => chosen.filter(holds).length;
      return {
        requested: chosen.length,
        sent: count((t) => t.sentAt > 0),
        delivered: count((t) => t.status === 'DELIVERED'),
        opened: count((t) => t.opened),
        failed: count((t) => failedStatuses.has(t.status)),
        suppressed: count((t) => t.status === 'SUPPRESSED'),
        deadLettered: count((t) => t.status === 'DEAD_LETTERED'),
      };
    },
    latencies: () =>
      mine()
        .flatMap(([, { requestedAt, sentAt }]) =>
          requestedAt && sentAt ? [sentAt - requestedAt] : [],
        )
        .sort((a, b) => a - b),
    mismatches: () =>
      mine().flatMap(([id, tracked]) =>
        tracked.expected === undefined || isFinished(tracked)
          ? []
          : [{ id, expected: tracked.expected, status: tracked.status }],
      ),
    noneBounced: () => {
      const undeliverable = mine().filter(([, t]) => t.expected === 'UNDELIVERABLE');
      return undeliverable.length > 0 && undeliverable.every(([, t]) => !returned.has(t.status));
    },
    inDoubt: () => new Set(mine().flatMap(([id, t]) => (t.inDoubt ? [id] : []))),
    sentIds: () => new Set(mine().flatMap(([id, t]) => (t.sentAt > 0 ? [id] : []))),
    isInApp: (id) => all.get(id)?.channel === 'IN_APP',
    lastFinished: (count) =>
      order.slice(-count).map((id) => ({ id, status: all.get(id)?.status ?? '' })),
    changed: () => new Promise((resolve) => waiters.push(resolve)),
  };
};

/** The value below which a share of the sorted values lies; 0 for none. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
