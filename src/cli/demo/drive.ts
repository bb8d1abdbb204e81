import { connect } from './client.ts';
import { openInboxes } from './inbox.ts';
import { nextChange, sendAll } from './send.ts';
import { setUp } from './setup.ts';
import {
  type ChannelCounts,
  channels,
  createTracker,
  type FeedUpdate,
  percentile,
} from './tracker.ts';
import { callbacksDone, checkLedger, readModelCaughtUp } from './verify.ts';

/** What a drive is asked to do, in values that cross from one process to another. */
export interface DriveOrder {
  /** Of the API. */
  readonly url: string;
  readonly sandboxUrl: string;
  /** Of the role `admin`. */
  readonly token: string;
  /** Names the run: the same id repeats the same requests, by their idempotency keys. */
  readonly runId: string;
  readonly notifications: number;
  readonly faults: boolean;
  /** Notifications under way at once. */
  readonly window: number;
}

/** How far a drive is, told as it goes. */
export interface DriveNews {
  /** The first request is about to be made. */
  onStarted(): void;
  /** Every notification ended, and the read model shows it. */
  onEnded(): void;
  onTrouble(words: string): void;
  onProgress(progress: DriveProgress): void;
}

export interface DriveProgress {
  readonly finished: number;
  readonly underWay: number;
}

/** What a drive came to. */
export interface DriveResult {
  readonly counts: ChannelCounts;
  readonly byChannel: readonly (readonly [FeedUpdate['channel'], ChannelCounts])[];
  /** From the first request to the last delivery in the read model. */
  readonly seconds: number;
  /** From the request to the provider's acceptance. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Attempts whose outcome could not be known at some time. */
  readonly inDoubt: readonly string[];
  readonly repeatedInDoubt: readonly string[];
  readonly problems: readonly string[];
}

// A start of an attempt tells the demo nothing that its outcome doesn't.
const feed = `subscription ($after: String) {
  deliveryFeed(after: $after, filter: { types: [
    REQUESTED, SUPPRESSED, DEFERRED, SENT, FAILED, OUTCOME_UNKNOWN, DELIVERED, OPENED, CLICKED,
    BOUNCED, COMPLAINED, DEAD_LETTERED, REQUEUED, CANCELLED, EXPIRED
  ] }) { notificationId channel type status provider at }
}`;
/** The position before everything, as a cursor. */
const beginning = Buffer.from('0:0').toString('base64url');
const stalledMs = 90_000;
const patienceMs = 30_000;
const newsEveryMs = 100;

/** Sends the demo's notifications through the API alone, follows each to its end, and checks it. */
export const drive = async (order: DriveOrder, news: DriveNews): Promise<DriveResult> => {
  const { sandboxUrl } = order;
  const client = connect(order.url, order.token);
  const tracker = createTracker();
  let broken: unknown;
  const fail = (error: unknown) => (broken ??= error);
  try {
    if (order.faults) await injectFaults(sandboxUrl);
    await setUp(client);
    const inboxes = openInboxes(client, fail);
    client.subscribe<{ readonly deliveryFeed: FeedUpdate }>(
      feed,
      { after: beginning },
      ({ deliveryFeed }) => {
        tracker.see(deliveryFeed);
        inboxes.see(deliveryFeed);
      },
      fail,
    );
    const tell = () =>
      news.onProgress({ finished: tracker.finished(), underWay: tracker.underWay() });
    news.onStarted();
    const startedAt = performance.now();
    const timer = setInterval(tell, newsEveryMs);
    try {
      await sendAll(client, tracker, { ...order, stalledMs });
      while (tracker.underWay() > 0 && broken === undefined) await nextChange(tracker, stalledMs);
      if (broken === undefined) await readModelCaughtUp(client, tracker, patienceMs);
    } catch (error) {
      fail(error);
    } finally {
      clearInterval(timer);
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    tell();
    news.onEnded();
    if (broken !== undefined)
      news.onTrouble(broken instanceof Error ? broken.message : JSON.stringify(broken));
    await callbacksDone(sandboxUrl, patienceMs);
    await inboxes.idle();
    const ledger = await checkLedger(client, sandboxUrl, tracker);
    const latencies = tracker.latencies();
    return {
      counts: tracker.counts(),
      byChannel: channels.map((channel) => [channel, tracker.counts(channel)]),
      seconds,
      latencyMs: {
        p50: percentile(latencies, 0.5),
        p95: percentile(latencies, 0.95),
        p99: percentile(latencies, 0.99),
      },
      inDoubt: [...tracker.inDoubt()],
      repeatedInDoubt: ledger.repeatedInDoubt,
      problems: [
        ...(broken === undefined ? [] : ['the run was cut short']),
        ...tracker.mismatches().map((m) => `${m.id} is ${m.status}, expected ${m.expected}`),
        ...(tracker.noneBounced() ? ['nothing to a dead mailbox bounced'] : []),
        ...ledger.duplicated.map(
          (id) => `${id} reached a provider twice without doubt about the first call`,
        ),
        ...ledger.missing.map((id) => `${id} is recorded as sent, and no provider has it`),
        ...ledger.unrecorded.map((id) => `a provider took ${id}, and no notification knows of it`),
      ],
    };
  } finally {
    await client.close();
  }
};

const injectFaults = async (sandboxUrl: string): Promise<void> => {
  const faults = { serverError: { share: 0.02 }, rateLimit: { share: 0.02, retryAfterSeconds: 1 } };
  for (const provider of ['sendgrid', 'twilio', 'fcm']) {
    const response = await fetch(`${sandboxUrl}/sandbox/faults/${provider}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(faults),
    });
    if (!response.ok) throw new Error(`the sandbox refused the faults: ${await response.text()}`);
  }
};
