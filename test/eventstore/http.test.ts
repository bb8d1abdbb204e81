import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  END,
  START,
  persistentSubscriptionToStreamSettingsFromDefaults,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { collect, openServer, series, take, unique, type TestServer } from './support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer('embedded');
});
afterAll(() => server.close());

interface Answer {
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

const call = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url.replace('esdb', 'http'));
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      text(response).then((answer) => {
        const { statusCode: status } = response;
        resolve({ status, location: response.headers.location, body: answer });
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });

describe('HTTP/1 on the same port', () => {
  test('tells that the server lives', async () => {
    expect(JSON.parse((await call('GET', '/ping')).body)).toEqual({
      msgTypeId: expect.any(Number) as unknown,
      text: 'Ping request successfully handled',
    });
    expect(await call('GET', '/health/live')).toMatchObject({ status: 204 });
    expect(await call('POST', '/nonsense')).toMatchObject({ status: 404 });
  });

  test('appends an event as it is, whatever it says', async () => {
    const stream = unique('posted');
    const headers = {
      'content-type': 'application/json',
      'es-eventtype': 'Odd',
      'es-eventid': randomUUID(),
    };
    const path = `/streams/${stream}`;
    expect(await call('POST', path, headers, '****')).toMatchObject({
      status: 201,
      location: `/streams/${stream}/0`,
    });
    expect(await call('POST', path, headers, '****')).toMatchObject({ status: 201 });
    const strict = { ...headers, 'es-eventid': randomUUID(), 'es-expectedversion': '7' };
    expect(await call('POST', path, strict, '{}')).toMatchObject({ status: 400 });
    const [event, ...more] = await collect(server.client().readStream(stream));
    expect(more).toEqual([]);
    expect(event?.event).toMatchObject({ type: 'Odd', isJson: true, data: '****' });
  });

  test('without a type is refused', async () => {
    expect(await call('POST', '/streams/x', {}, '{}')).toMatchObject({ status: 400 });
  });
});

test('a group that starts at the end of a system stream gets what was appended a moment ago', async () => {
  const client = server.client();
  const type = unique('Linked').replaceAll('-', '');
  await client.appendToStream(unique('source'), series(20, type));
  const settings = persistentSubscriptionToStreamSettingsFromDefaults({
    resolveLinkTos: true,
    startFrom: END,
  });
  await client.createPersistentSubscriptionToStream(`$et-${type}`, 'group', settings);
  const subscription = client.subscribeToPersistentSubscriptionToStream(`$et-${type}`, 'group');
  const events = await take(subscription, 10);
  expect(events.map(({ event }) => event?.data)).toEqual(series(10).map(({ data }) => data));
});

test('a group that starts at the end of a system stream that was read gets only what comes', async () => {
  const client = server.client();
  const type = unique('Linked').replaceAll('-', '');
  await client.appendToStream(unique('source'), series(3, type));
  await collect(client.readStream(`$et-${type}`, { fromRevision: START }));
  const settings = persistentSubscriptionToStreamSettingsFromDefaults({
    resolveLinkTos: true,
    startFrom: END,
  });
  await client.createPersistentSubscriptionToStream(`$et-${type}`, 'group', settings);
  await client.appendToStream(unique('source'), series(2, type, 3));
  const subscription = client.subscribeToPersistentSubscriptionToStream(`$et-${type}`, 'group');
  const events = await take(subscription, 2);
  expect(events.map(({ event }) => event?.data)).toEqual([{ n: 3 }, { n: 4 }]);
});
