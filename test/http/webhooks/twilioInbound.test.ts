import { afterAll, beforeAll, expect, test } from '@jest/globals';
import twilio from 'twilio';
import { openShop, type Shop } from '../shop.ts';

const authToken = 'the Twilio token of these tests';
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.api.close());

const receive = async (From: string, Body: string, more: object = {}, token = authToken) => {
  const url = `${shop.url}/webhooks/twilio/inbound`;
  const form = { MessageSid: 'SM1', From, Body, ...more };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-twilio-signature': twilio.getExpectedTwilioSignature(token, url, form) },
    body: new URLSearchParams(form),
  });
  return { status: response.status, text: await response.text() };
};
const silence = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

const registered = async (id: string, phone: string) => {
  const document = `mutation ($id: ID!, $phone: String) {
    registerUser(input: { id: $id, phone: $phone }) { cursor }
  }`;
  await shop.ask(document, { id, phone });
};
const stoppedOf = async (id: string) => {
  const { data } = await shop.ask(
    'query ($id: ID!) { user(id: $id) { unsubscribed { stopped kinds } } }',
    { id },
  );
  return (data as { user: { unsubscribed: object } }).user.unsubscribed;
};

test('a STOP in a sentence stops the number and everybody who has it, with one confirmation', async () => {
  const phone = '+4915110000001';
  await registered('anna', phone);
  await registered('otto', phone);
  const first = await receive(phone, 'Please stop texting me');
  expect(first.status).toBe(200);
  expect(first.text).toContain('<Message>You will get no more text messages');
  for (const id of ['anna', 'otto'])
    expect(await stoppedOf(id)).toMatchObject({ stopped: ['SMS'] });
  const appended = shop.log.length;
  expect(await receive(phone, 'STOP TEXTING ME')).toEqual({ status: 200, text: silence });
  expect(shop.log).toHaveLength(appended);

  expect(await receive(phone, 'START')).toEqual({ status: 200, text: silence });
  expect(await stoppedOf('anna')).toMatchObject({ stopped: [] });
  expect(shop.log.filter(({ type }) => type === 'SuppressionLifted')).toHaveLength(1);
});

test('what Twilio has heard and answered counts, and is not answered twice', async () => {
  const phone = '+4915110000002';
  await registered('ines', phone);
  expect(await receive(phone, 'Basta', { OptOutType: 'STOP' })).toEqual({
    status: 200,
    text: silence,
  });
  expect(await stoppedOf('ines')).toMatchObject({ stopped: ['SMS'] });
});

test('an unclear wish ends marketing only, until a person has asked', async () => {
  const phone = '+4915110000003';
  await registered('uwe', phone);
  const { text } = await receive(phone, 'Cancel my appointment');
  expect(text).toContain('no more marketing');
  expect(shop.log.findLast(({ type }) => type === 'AddressSuppressed')).toMatchObject({
    data: { scope: 'marketing', reason: 'stop' },
  });
});

test('help is answered, and a number that nobody has is stopped all the same', async () => {
  const { text } = await receive('+4915110000004', 'Hilfe');
  expect(text).toContain('Answer STOP');
  expect((await receive('+4915110000004', 'Thanks!')).text).toBe(silence);
  const appended = shop.log.length;
  expect((await receive('+4915110000004', 'stop it')).status).toBe(200);
  expect(shop.log.slice(appended).map(({ type }) => type)).toEqual(['AddressSuppressed']);
});

test('who has not signed, or names no sender, is turned away; what was not stored is asked for again', async () => {
  const appended = shop.log.length;
  expect((await receive('+4915110000005', 'STOP', {}, 'another token')).status).toBe(401);
  expect((await receive('short code', 'STOP')).status).toBe(400);
  expect(shop.log).toHaveLength(appended);
  shop.breakStore(new Error('broken'));
  const { status } = await receive('+4915110000005', 'STOP');
  shop.breakStore(undefined);
  expect(status).toBe(503);
});
