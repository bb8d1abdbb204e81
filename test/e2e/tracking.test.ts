import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readPage } from '../http/forms.ts';
import { openInbox } from '../dispatchers/providers/inbox.ts';
import { create, ended, register, send, startWorld, type World } from './world.ts';

let inbox: Awaited<ReturnType<typeof openInbox>>;
let world: World;

const html = `<html><body><p>{{product}}</p><a href="https://shop.example/tea?a=1&amp;b=2">Look</a>
<a href="{{preferencesUrl}}">Choose</a> <a href="{{unsubscribeUrl}}">Leave</a></body></html>`;

beforeAll(async () => {
  inbox = await openInbox();
  world = await startWorld({ SMTP_URL: inbox.url });
  const content = {
    category: 'TRANSACTIONAL',
    channels: { email: { subject: 'Tea', html, text: 'Tea' } },
    variables: [{ name: 'product', type: 'STRING' }],
  };
  await create(world, { name: 'plain', content });
  const tracking = { opens: true, clicks: true };
  await create(world, { name: 'tracked', content: { ...content, tracking } });
  await register(world, 'u-us');
  await register(world, 'u-de');
  const place = `mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { cursor } }`;
  await world.client.run(place, { id: 'u-us', input: { attributes: { region: 'US-NY' } } });
  await world.client.run(place, { id: 'u-de', input: { attributes: { region: 'DE' } } });
});
afterAll(async () => {
  await world.close();
  await inbox.close();
});

/** The addresses in the mail that came. */
const mailed = async (userId: string, template: string) => {
  const { notificationId = '' } = await send(world, userId, 'EMAIL', { template });
  await ended(world, notificationId, 'SENT');
  const mail = inbox.received.find(({ raw }) => raw.includes(notificationId));
  const { links, images } = readPage(String(mail?.parsed.html));
  return { notificationId, links, images };
};

const read = (id: string) =>
  world.client.run<{ notification: { openedAt: string | null; clickedAt: string | null } }>(
    'query ($id: ID!) { notification(id: $id) { openedAt clickedAt } }',
    { id },
  );

test('an email by SMTP tells that it was opened and where its reader went', async () => {
  const { notificationId, links, images } = await mailed('u-us', 'tracked');
  const [look = '', choose = '', leave = ''] = links;
  expect(images).toHaveLength(1);
  expect(look).toContain(`${world.url}/t/c/`);
  expect(choose).toContain(`${world.url}/preferences/`);
  expect(leave).toContain(`${world.url}/unsubscribe/`);
  expect((await fetch(images[0] ?? '')).headers.get('content-type')).toBe('image/gif');
  const led = await fetch(look, { redirect: 'manual' });
  expect(led.headers.get('location')).toBe('https://shop.example/tea?a=1&b=2');
  await world.until(
    async () => (await read(notificationId)).notification,
    ({ openedAt, clickedAt }) => openedAt !== null && clickedAt !== null,
  );
  expect(await (await fetch(choose)).text()).toContain('Your messages');
});

test('an email whose template does not ask for it, or whose reader is in the EU, is left alone', async () => {
  const untouched = ['https://shop.example/tea?a=1&b=2', expect.any(String), expect.any(String)];
  expect(await mailed('u-us', 'plain')).toMatchObject({ links: untouched, images: [] });
  expect(await mailed('u-de', 'tracked')).toMatchObject({ links: untouched, images: [] });
  const consent = {
    channel: 'EMAIL',
    category: 'TRANSACTIONAL',
    given: true,
    wording: 'You may note what I open and follow.',
    source: 'settings',
    tracking: true,
  };
  await world.client.run(
    `mutation ($input: ConsentInput!) { recordConsent(userId: "u-de", input: $input) { cursor } }`,
    { input: consent },
  );
  await world.until(
    async () => (await mailed('u-de', 'tracked')).images.length,
    (count) => count === 1,
  );
});
