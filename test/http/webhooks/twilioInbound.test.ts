import { afterAll, beforeAll, expect, test } from '@jest/globals';
import twilio from 'twilio';
import { openShop, type Shop } from '../shop.ts';

const authToken = 'the Twilio token of these tests';
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.api.close());

let texts = 0;
const nextId = () => {
  texts += 1;
  return `SM${texts}`;
};

const receive = async (From: string, Body: string, more: object = {}, token = authToken) => {
  const url = `${shop.url}/webhooks/twilio/inbound`;
  const form = { MessageSid: nextId(), From, Body, ...more };
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
  expect(shop.log.slice(appended).map(({ type }) => type)).toEqual(['TextReceived', 'TextHandled']);

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

test('a text that is delivered again is answered as before and changes nothing', async () => {
  const phone = '+4915110000006';
  await registered('edda', phone);
  const again = { MessageSid: 'SMagain' };
  const first = await receive(phone, 'Please stop texting me', again);
  expect(first.text).toContain('<Message>You will get no more text messages');
  await receive(phone, 'START');
  const appended = shop.log.length;
  expect(await receive(phone, 'Please stop texting me', again)).toEqual(first);
  expect(shop.log).toHaveLength(appended);
  expect(await stoppedOf('edda')).toMatchObject({ stopped: [] });
  expect((await receive(phone, 'STOP', { MessageSid: 'no id' })).status).toBe(400);
});

const unclear = async () => {
  const { data } = await shop.ask('{ unclearTexts { edges { node { id userIds body } } } }');
  const { edges } = (data as { unclearTexts: { edges: readonly { node: { id: string } }[] } })
    .unclearTexts;
  return edges.map(({ node }) => node);
};
const settle = (id: string, decision: string) =>
  shop.ask(
    `mutation ($id: ID!, $decision: TextDecision!) {
      settleText(id: $id, decision: $decision, why: "read by the desk") { changed }
    }`,
    { id, decision },
  );

test('what was unclear waits for an operator, who ends all texts, marketing or nothing', async () => {
  const wishes = [
    ['SMall', 'STOP', '+4915110000007'],
    ['SMoffers', 'MARKETING_ONLY', '+4915110000008'],
    ['SMtown', 'NOTHING', '+4915110000009'],
  ] as const;
  for (const [MessageSid, , phone] of wishes) {
    await registered(`user-${MessageSid}`, phone);
    await receive(phone, 'Cancel my appointment', { MessageSid });
  }
  const body = 'Cancel my appointment';
  const waiting = wishes.map(([id]) => ({ id, userIds: [`user-${id}`], body }));
  expect(await unclear()).toEqual(expect.arrayContaining(waiting));
  const appended = shop.log.length;
  for (const [id, decision] of wishes) {
    expect(await settle(id, decision)).toMatchObject({ data: { settleText: { changed: true } } });
    expect(await settle(id, decision)).toMatchObject({ data: { settleText: { changed: false } } });
  }
  expect(shop.log.slice(appended).map(({ type }) => type)).toEqual([
    'TextSettled',
    'AddressSuppressed',
    'ChannelStopped',
    'TextSettled',
    'TextSettled',
    'SuppressionLifted',
  ]);
  expect(await stoppedOf('user-SMall')).toMatchObject({ stopped: ['SMS'] });
  expect((await unclear()).filter(({ id }) => wishes.some(([one]) => one === id))).toEqual([]);
  for (const [id, decision, code] of [
    ['SMtown', 'STOP', 'TEXT_SETTLED'],
    ['SMagain', 'STOP', 'TEXT_SETTLED'],
    ['SMnever', 'STOP', 'UNKNOWN_TEXT'],
  ] as const) {
    expect(await settle(id, decision)).toMatchObject({ errors: [{ extensions: { code } }] });
  }
});

test('that nothing was meant does not lift a STOP of before', async () => {
  const phone = '+4915110000010';
  await registered('iris', phone);
  await receive(phone, 'STOP');
  await receive(phone, 'Cancel my appointment', { MessageSid: 'SMlater' });
  await settle('SMlater', 'NOTHING');
  expect(shop.log.at(-1)?.type).toBe('TextSettled');
  expect(await stoppedOf('iris')).toMatchObject({ stopped: ['SMS'] });
});

test('help is answered, and a number that nobody has is stopped all the same', async () => {
  const { text } = await receive('+4915110000004', 'Hilfe');
  expect(text).toContain('Answer STOP');
  expect((await receive('+4915110000004', 'Thanks!')).text).toBe(silence);
  const appended = shop.log.length;
  expect((await receive('+4915110000004', 'stop it')).status).toBe(200);
  expect(shop.log.slice(appended).map(({ type }) => type)).toEqual([
    'TextReceived',
    'AddressSuppressed',
    'TextHandled',
  ]);
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
