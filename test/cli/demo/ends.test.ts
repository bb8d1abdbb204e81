import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isEnd } from '../../../src/cli/demo/plan.ts';
import { createTracker, type FeedUpdate } from '../../../src/cli/demo/tracker.ts';
import { checkLedger } from '../../../src/cli/demo/verify.ts';

const update = (about: Partial<FeedUpdate>): FeedUpdate => ({
  notificationId: 'n',
  channel: 'SMS',
  type: 'SENT',
  status: 'SENT',
  provider: 'sns',
  at: '2026-11-27T12:00:00.000Z',
  ...about,
});

describe('a notification of the demo', () => {
  test('ends delivered, or as sent where its provider sends no receipts', () => {
    expect(isEnd('DELIVERED', 'SENT', 'sendgrid')).toBe(false);
    expect(isEnd('DELIVERED', 'DELIVERED', 'sendgrid')).toBe(true);
    expect(isEnd('DELIVERED', 'SENT', 'smtp')).toBe(true);
    expect(isEnd('DELIVERED', 'SENT', 'sns')).toBe(true);
    expect(isEnd('DELIVERED', 'DEAD_LETTERED', 'sns')).toBe(false);
  });

  test('to a dead mailbox bounces, or is refused at once where nothing is told later', () => {
    expect(isEnd('UNDELIVERABLE', 'BOUNCED', 'sendgrid')).toBe(true);
    expect(isEnd('UNDELIVERABLE', 'DEAD_LETTERED', 'sendgrid')).toBe(false);
    expect(isEnd('UNDELIVERABLE', 'DEAD_LETTERED', 'smtp')).toBe(true);
    expect(isEnd('UNDELIVERABLE', 'SENT', 'smtp')).toBe(false);
  });

  test('is followed by the provider that took it, which later news does not name', () => {
    const tracker = createTracker();
    tracker.expect('n', 'DELIVERED');
    tracker.see(update({ type: 'FAILED', status: 'FAILED', provider: 'twilio' }));
    expect(tracker.underWay()).toBe(1);
    tracker.see(update({}));
    expect(tracker.underWay()).toBe(0);
    tracker.see(update({ type: 'REQUEUED', provider: null }));
    expect(tracker.mismatches()).toEqual([]);
  });
});

/** The books of the sandbox, as its two pages show them. */
const serveBooks = async (rows: readonly object[]) => {
  const server = createServer(({ url }, response) => {
    const isSummary = url?.startsWith('/sandbox/ledger/summary') === true;
    response.end(JSON.stringify(isSummary ? { sns: { repeated: [] } } : { rows, next: null }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
};

describe('the books of a provider that keeps no id of ours', () => {
  const bookedAs = (providerMessageId: string) => ({ notificationId: null, providerMessageId });
  const client = {
    run: <T>() => Promise.resolve({ n0: { providerMessageId: 'message-1' } } as T),
  };
  const check = async (rows: readonly object[], inDoubt: readonly string[] = []) => {
    const books = await serveBooks(rows);
    try {
      return await checkLedger(client, books.url, {
        sentIds: () => new Set(['n']),
        inDoubt: () => new Set(inDoubt),
        isInApp: () => false,
      });
    } finally {
      books.close();
    }
  };

  test('hold what was sent under the provider’s own id', async () => {
    expect(await check([bookedAs('message-1')])).toMatchObject({ missing: [], unrecorded: [] });
    expect(await check([])).toMatchObject({ missing: ['n'] });
  });

  test('show a second message, unless a first one was in doubt', async () => {
    const rows = [bookedAs('message-1'), bookedAs('message-2')];
    expect(await check(rows)).toMatchObject({ missing: [], unrecorded: ['message-2'] });
    expect(await check(rows, ['n'])).toMatchObject({ unrecorded: [] });
  });
});
