import { expect, test } from '@jest/globals';
import { createInApp } from '../../../src/dispatchers/providers/inapp.ts';

test('the inbox takes every message at once, however often it is sent', async () => {
  const inbox = createInApp();
  const message = {
    channel: 'in_app',
    notificationId: 'n1',
    attempt: 1,
    userId: 'u1',
    title: 'Hello',
    body: 'World',
  } as const;
  expect(await inbox.send(message)).toEqual({ kind: 'accepted', providerMessageId: 'n1' });
  expect(await inbox.send(message)).toEqual({ kind: 'accepted', providerMessageId: 'n1' });
  expect(inbox.repeat).toBe('safe');
  await inbox.close();
});
