import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { createSnsReader } from '../../../src/http/webhooks/sns.ts';
import { selfSigned } from '../../../src/sandbox/certificate.ts';
import { CERTIFICATE_URL, NOW, openTopic, TOPIC } from './topic.ts';

const topic = openTopic();
const read = createSnsReader({
  topicArns: [TOPIC],
  certificateOf: () => Promise.resolve(topic.certificate),
});
const refused = { ok: false, status: 401 };

describe('a message of a topic of ours', () => {
  test.each(['1', '2'])('holds with a signature of version %s', async (SignatureVersion) => {
    const body = topic.notification({ eventType: 'Delivery' }, { SignatureVersion });
    expect(await read(body, NOW)).toEqual({
      ok: true,
      kind: 'notification',
      topicArn: TOPIC,
      messageId: 'm-1',
      at: NOW,
      message: { eventType: 'Delivery' },
    });
  });

  test('holds with a subject, which is signed too', async () => {
    const body = topic.notification({}, { Subject: 'Amazon SES Email Event Notification' });
    expect(await read(body, NOW)).toMatchObject({ ok: true });
    const forged = body.toString().replace('Amazon SES', 'Amazon XYZ');
    expect(await read(Buffer.from(forged), NOW)).toMatchObject(refused);
  });

  test('asks for the confirmation of a subscription by token, without the URL', async () => {
    const reading = await read(topic.confirmation('SubscriptionConfirmation'), NOW);
    expect(reading).toMatchObject({ ok: true, kind: 'subscription', topicArn: TOPIC });
    expect(JSON.stringify(reading)).not.toContain('https://');
  });

  test('tells that a subscription has ended', async () => {
    const reading = await read(topic.confirmation('UnsubscribeConfirmation'), NOW);
    expect(reading).toEqual({ ok: true, kind: 'unsubscribed', topicArn: TOPIC });
  });

  test('is read again for an hour after it was published, while SNS repeats it, and not later', async () => {
    const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
    const body = topic.notification({});
    expect(await read(body, at(60))).toMatchObject({ ok: true });
    expect(await read(body, at(66))).toMatchObject(refused);
    expect(await read(body, at(-6))).toMatchObject(refused);
  });
});

describe('anything else is refused:', () => {
  test('a valid message of somebody else’s topic', async () => {
    const TopicArn = 'arn:aws:sns:eu-west-1:999999999999:tidings-news';
    expect(await read(topic.notification({}, { TopicArn }), NOW)).toMatchObject(refused);
  });

  test('a message that another key has signed', async () => {
    expect(await read(openTopic().notification({}), NOW)).toMatchObject(refused);
  });

  test('a flipped bit in whatever is signed', async () => {
    const envelope = JSON.parse(topic.notification({ eventType: 'Open' }).toString()) as Record<
      string,
      string
    >;
    for (const name of ['Message', 'MessageId', 'Timestamp', 'Signature']) {
      const value = envelope[name] ?? '';
      const changed = value.slice(0, -5) + (value.at(-5) === '1' ? '2' : '1') + value.slice(-4);
      const body = Buffer.from(JSON.stringify({ ...envelope, [name]: changed }));
      expect([name, await read(body, NOW)]).toMatchObject([name, refused]);
    }
  });

  test('a message that was read and written again', async () => {
    const envelope = JSON.parse(topic.notification({ a: 1, b: 2 }).toString()) as {
      Message: string;
    };
    const Message = JSON.stringify(JSON.parse(envelope.Message), null, 1);
    const body = Buffer.from(JSON.stringify({ ...envelope, Message }));
    expect(await read(body, NOW)).toMatchObject(refused);
  });

  test('a truncated body, rubbish, and texts that are none', async () => {
    const body = topic.notification({});
    expect(await read(body.subarray(0, -1), NOW)).toMatchObject({ ok: false, status: 400 });
    expect(await read(Buffer.from('null'), NOW)).toMatchObject({ ok: false, status: 400 });
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        expect((await read(Buffer.from(json), NOW)).ok).toBe(false);
      }),
    );
  });

  test.each([
    'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-',
    'https://evil.example/SimpleNotificationService-',
    'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-',
    'https://sns.s3-eu-west-1.amazonaws.com/SimpleNotificationService-',
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-',
    'https://sns.eu-west-1.amazonaws.com/x/SimpleNotificationService-',
  ])('a certificate from %s, without asking for it', async (start) => {
    const asked: string[] = [];
    const careful = createSnsReader({
      topicArns: [TOPIC],
      certificateOf: (url) => Promise.resolve(asked.push(url)).then(() => topic.certificate),
    });
    const SigningCertURL = `${start}${'0a'.repeat(16)}.pem`;
    expect(await careful(topic.notification({}, { SigningCertURL }), NOW)).toMatchObject(refused);
    expect(asked).toEqual([]);
  });
});

describe('the certificate', () => {
  test('is fetched once for many messages', async () => {
    const asked: string[] = [];
    const counting = createSnsReader({
      topicArns: [TOPIC],
      certificateOf: (url) => Promise.resolve(asked.push(url)).then(() => topic.certificate),
    });
    const body = topic.notification({});
    const all = await Promise.all(Array.from({ length: 20 }, () => counting(body, NOW)));
    expect(all.every(({ ok }) => ok)).toBe(true);
    expect(await counting(body, NOW)).toMatchObject({ ok: true });
    expect(asked).toEqual([CERTIFICATE_URL]);
  });

  test('that can not be had, is none or has expired makes the message come again, and is not kept', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const old = selfSigned(privateKey, ['sns.amazonaws.com'], new Date('2010-01-01'));
    const answers = [
      () => Promise.reject(new Error('no answer')),
      () => Promise.resolve('<html>503</html>'),
      () => Promise.resolve(old),
      () => Promise.resolve(topic.certificate),
    ];
    const unlucky = createSnsReader({
      topicArns: [TOPIC],
      certificateOf: () => (answers.shift() ?? (() => Promise.reject(new Error('asked again'))))(),
    });
    const body = topic.notification({});
    for (let tries = 0; tries < 3; tries += 1) await expect(unlucky(body, NOW)).rejects.toThrow();
    expect(await unlucky(body, NOW)).toMatchObject({ ok: true });
    expect(await unlucky(body, NOW)).toMatchObject({ ok: true });
  });
});
