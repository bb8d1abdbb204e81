import { expect, test } from '@jest/globals';
import type { CallableProvider } from '../../../src/dispatchers/breaker.ts';
import type { Outcome, Provider } from '../../../src/dispatchers/providers/provider.ts';
import { together } from '../../../src/dispatchers/providers/together.ts';
import { push } from './messages.ts';

const taken = (id: string, ...dead: string[]): Outcome => ({
  kind: 'accepted',
  providerMessageId: id,
  ...(dead.length > 0 && { deadTokens: dead }),
});
const failed = { kind: 'deferred', code: 'http_503', detail: '' } as const;
const lost = { kind: 'unknown', code: 'timeout', detail: '' } as const;
const gone = { kind: 'rejected', code: 'gone', detail: '', scope: 'recipient' } as const;

/** What becomes of a message that goes through these providers together. */
const sendThrough = (outcomes: Readonly<Record<string, Outcome>>): Promise<Outcome> => {
  const members = Object.entries(outcomes).map(([name, outcome]): CallableProvider => {
    const send = () => Promise.resolve(outcome);
    const close = () => Promise.resolve();
    const provider: Provider = {
      name,
      channel: 'push',
      repeat: 'merged',
      timeoutMs: 1,
      send,
      close,
    };
    return { provider, restsUntil: () => undefined, reserve: () => undefined, send };
  });
  return together(Object.keys(outcomes).join('+'), members).send(push('n'));
};

test('a message that one platform takes is accepted; who took it is known by name', async () => {
  const outcome = sendThrough({ apns: taken('a1', 'old'), fcm: failed, webpush: taken('w1') });
  expect(await outcome).toEqual({
    kind: 'accepted',
    providerMessageId: 'apns=a1 webpush=w1',
    deadTokens: ['old'],
  });
});

test('dead devices of a platform that took nothing are told of, too', async () => {
  const dead = { ...gone, deadTokens: ['old'] };
  expect(await sendThrough({ apns: dead, fcm: taken('f1') })).toEqual({
    kind: 'accepted',
    providerMessageId: 'fcm=f1',
    deadTokens: ['old'],
  });
  expect(await sendThrough({ apns: gone, fcm: dead })).toEqual({ ...gone, deadTokens: ['old'] });
});

test('a message that nobody took for sure is unknown before it is deferred, and deferred before it is rejected', async () => {
  expect(await sendThrough({ apns: failed, fcm: lost, webpush: gone })).toEqual(lost);
  expect(await sendThrough({ apns: gone, fcm: failed })).toEqual(failed);
  expect(await sendThrough({ apns: gone, fcm: gone })).toEqual(gone);
});
