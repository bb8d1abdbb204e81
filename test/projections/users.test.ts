import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFold } from '../../src/projections/fold.ts';
import { type UserDocument, userQueries, usersProjection } from '../../src/projections/users.ts';
import { openDatabase } from '../support/embedded.ts';
import { example } from '../support/examples.ts';
import { history } from '../support/log.ts';

let opened: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  opened = await openDatabase();
});
afterAll(() => opened.close());

const topics = [{ topic: 'order.shipped', channel: 'sms', enabled: false }] as const;

test('a user is kept with preferences for a topic of any name, and found by every address', async () => {
  const collection = opened.database.collection<UserDocument>('users');
  await collection.createIndexes([...usersProjection.indexes]);
  const fold = createFold(usersProjection, collection);
  const changes = example('TopicPreferencesUpdated', { changes: topics });
  const events = history(
    'user-ada',
    example('UserRegistered'),
    changes,
    example('AddressAdded'),
    example('DeviceRegistered'),
  );
  for (const event of events) await fold([event]);
  const { byId, idsByAddress } = userQueries(collection);
  const found = await byId('ada');
  expect(found?.state.preferences).toEqual({ 'topic:order.shipped:sms': false });
  expect(found?.state.because).toEqual({ 'preference:topic:order.shipped:sms': 'user-ada@1' });
  for (const address of ['ada@example.org', 'ada@work.example', '+4915112345678']) {
    expect(await idsByAddress(address)).toEqual(['ada']);
  }
  expect(await idsByAddress('eve@example.org')).toEqual([]);
});
