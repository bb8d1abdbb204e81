import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../src/config.ts';
import { defaultRules } from '../src/domain/policy/rules.ts';

const refusal = (env: Readonly<Record<string, string>>): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
};
const secret = 's'.repeat(32);
const masterKey = Buffer.alloc(32, 1).toString('base64');

describe('without any setting', () => {
  test('everything runs on this machine, for development', () => {
    expect(readConfig({})).toMatchObject({
      development: true,
      dataDir: '.tidings',
      host: '127.0.0.1',
      port: 4000,
      roles: ['api', 'projector', 'dispatcher', 'scheduler'],
      logLevel: 'info',
      database: 'tidings',
      concurrency: 64,
      providerTimeoutMs: 10_000,
      leaseMs: 30_000,
      settleMs: 120_000,
      sandboxLatencyMs: 5,
    });
  });

  test('no server and no provider is taken for configured', () => {
    const config = readConfig({});
    const { eventStoreUrl, mongoUrl, publicUrl, sendgrid, twilio, firebase } = config;
    expect([eventStoreUrl, mongoUrl, publicUrl, sendgrid, twilio, firebase]).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
    expect([config.secret, config.masterKey]).toEqual([undefined, undefined]);
  });

  test('an empty variable is one that is not set', () => {
    expect(readConfig({ TIDINGS_PORT: '', SENDGRID_API_KEY: '' })).toEqual(readConfig({}));
  });

  test('the settings cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });
});

describe('the policy', () => {
  const limit = { channel: 'sms', most: 1, perSeconds: 60 };

  test('is the careful one unless another is given', () => {
    expect(readConfig({}).policy).toEqual(defaultRules);
  });

  test('is replaced key by key, from JSON or from a file', async () => {
    const json = JSON.stringify({ limits: [limit] });
    const expected = { ...defaultRules, limits: [limit] };
    expect(readConfig({ TIDINGS_POLICY: json }).policy).toEqual(expected);
    const folder = await mkdtemp(join(tmpdir(), 'tidings-policy-'));
    const file = join(folder, 'policy.json');
    await writeFile(file, json);
    expect(readConfig({ TIDINGS_POLICY: file }).policy).toEqual(expected);
    await rm(folder, { recursive: true });
  });

  test.each([
    ['{', 'TIDINGS_POLICY'],
    ['/no/such/file', 'TIDINGS_POLICY'],
    ['{"limit":[]}', 'limit'],
    [JSON.stringify({ limits: [{ ...limit, most: 0 }] }), 'limits.0.most'],
    [JSON.stringify({ limits: [{ ...limit, channel: 'fax' }] }), 'limits.0.channel'],
    [JSON.stringify({ jurisdictions: [{ regions: ['Texas'] }] }), 'jurisdictions.0.regions.0'],
    [JSON.stringify({ providers: { twilio: { most: 1 } } }), 'providers.twilio.perSeconds'],
  ])('%s is refused, and what is wrong is named', (json, named) => {
    expect(refusal({ TIDINGS_POLICY: json })).toContain(named);
  });
});

describe('a setting', () => {
  test('is read', () => {
    expect(
      readConfig({
        TIDINGS_PORT: '0',
        TIDINGS_ROLES: 'api, projector',
        TIDINGS_PUBLIC_URL: 'https://tidings.example/',
        EVENTSTORE_URL: 'esdb+discover://cluster:2113',
        MONGODB_URL: 'mongodb+srv://cluster',
        TIDINGS_SENDER_ADDRESS: 'news@shop.example',
      }),
    ).toMatchObject({
      port: 0,
      roles: ['api', 'projector'],
      publicUrl: 'https://tidings.example',
      eventStoreUrl: 'esdb+discover://cluster:2113',
      mongoUrl: 'mongodb+srv://cluster',
      sender: { address: 'news@shop.example', name: 'Tidings' },
    });
  });

  test.each([
    ['TIDINGS_PORT', 'http'],
    ['TIDINGS_PORT', '65536'],
    ['TIDINGS_PORT', '-1'],
    ['TIDINGS_PORT', '40.5'],
    ['TIDINGS_ROLES', 'api,cook'],
    ['TIDINGS_ROLES', 'api,'],
    ['TIDINGS_LOG_LEVEL', 'loud'],
    ['TIDINGS_SECRET', 'short'],
    ['TIDINGS_MASTER_KEY', 'c2hvcnQ='],
    ['TIDINGS_PUBLIC_URL', 'tidings.example'],
    ['TIDINGS_PUBLIC_URL', 'ftp://tidings.example'],
    ['EVENTSTORE_URL', 'http://localhost:2113'],
    ['MONGODB_URL', 'localhost:27017'],
    ['TIDINGS_CONCURRENCY', '0'],
    ['TIDINGS_CONCURRENCY', 'many'],
    ['TIDINGS_PROVIDER_TIMEOUT_MS', '99'],
    ['TIDINGS_LEASE_MS', '999'],
    ['TIDINGS_SETTLE_MS', '-1'],
    ['TIDINGS_SANDBOX_LATENCY_MS', '60001'],
    ['TIDINGS_SENDER_ADDRESS', 'Tidings'],
    ['TIDINGS_DATA_DIR', '   '],
  ])('%s that is %j is refused by name', (name, value) => {
    expect(refusal({ [name]: value })).toMatch(new RegExp(`^${name}: `));
  });

  test('that is wrong does not hide another one', () => {
    const message = refusal({ TIDINGS_PORT: 'x', TIDINGS_LOG_LEVEL: 'y', MONGODB_URL: 'z' });
    expect(message.split('\n').map((line) => line.split(':')[0])).toEqual([
      'TIDINGS_PORT',
      'TIDINGS_LOG_LEVEL',
      'MONGODB_URL',
    ]);
  });

  test('that is secret is not repeated when it is wrong', () => {
    const env = { TIDINGS_SECRET: 'hunter2', MONGODB_URL: 'root:hunter2@host' };
    expect(refusal(env)).not.toContain('hunter2');
  });
});

describe('the account of a provider', () => {
  const accounts = {
    sendgrid: ['SENDGRID_API_KEY', 'SENDGRID_WEBHOOK_PUBLIC_KEY'],
    mailgun: ['MAILGUN_API_KEY', 'MAILGUN_DOMAIN', 'MAILGUN_WEBHOOK_SIGNING_KEY'],
    twilio: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
    firebase: ['FIREBASE_PROJECT_ID', 'FIREBASE_CLIENT_EMAIL', 'FIREBASE_PRIVATE_KEY'],
  } as const;

  test.each(Object.entries(accounts))('of %s is complete or not there', (name, variables) => {
    const all = Object.fromEntries(variables.map((variable) => [variable, 'x']));
    expect(readConfig(all)[name as keyof typeof accounts]).toBeDefined();
    for (const missing of variables) {
      const { [missing]: _, ...rest } = all;
      expect(refusal(rest)).toBe(`${missing} must be set as well`);
    }
  });
});

describe('an account of email', () => {
  const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's' };
  const topic = 'arn:aws:sns:eu-west-1:123456789012:mail';
  const ses = { SES_CONFIGURATION_SET: 'set', SES_TOPIC_ARN: topic };

  test('at SES needs one at AWS; one at AWS alone, as in many environments, says nothing', () => {
    expect(readConfig({ ...aws, ...ses }).ses).toEqual({
      region: 'eu-west-1',
      accessKeyId: 'AKIA',
      secretAccessKey: 's',
      configurationSet: 'set',
      topicArn: topic,
    });
    expect(readConfig({ ...aws }).ses).toBeUndefined();
    expect(readConfig({ AWS_REGION: 'eu-west-1' }).ses).toBeUndefined();
    expect(refusal(ses)).toMatch(/AWS_REGION.*AWS_ACCESS_KEY_ID.*AWS_SECRET_ACCESS_KEY/);
    const { AWS_REGION: _, ...regionless } = aws;
    expect(refusal({ ...ses, ...regionless })).toBe('AWS_REGION must be set as well');
  });

  test('at Mailgun may be in the EU', () => {
    const account = { MAILGUN_API_KEY: 'k', MAILGUN_DOMAIN: 'mg.a.example' };
    const keys = { ...account, MAILGUN_WEBHOOK_SIGNING_KEY: 'w' };
    const MAILGUN_BASE_URL = 'https://api.eu.mailgun.net';
    expect(readConfig({ ...keys, MAILGUN_BASE_URL }).mailgun?.baseUrl).toBe(MAILGUN_BASE_URL);
    expect(readConfig(keys).mailgun).not.toHaveProperty('baseUrl');
  });

  test('at a server of SMTP may have a key that signs, in one line too', () => {
    const SMTP_URL = 'smtps://user:pass@mail.example:465';
    expect(readConfig({ SMTP_URL }).smtp).toEqual({ url: SMTP_URL });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
    const dkim = {
      SMTP_DKIM_DOMAIN: 'a.example',
      SMTP_DKIM_SELECTOR: 's1',
      SMTP_DKIM_PRIVATE_KEY: pem.replaceAll('\n', '\\n'),
    };
    expect(readConfig({ SMTP_URL, ...dkim }).smtp?.dkim?.privateKey).toBe(pem);
    expect(refusal(dkim)).toBe('SMTP_URL must be set as well');
    const { SMTP_DKIM_SELECTOR: _, ...incomplete } = dkim;
    expect(refusal({ SMTP_URL, ...incomplete })).toBe('SMTP_DKIM_SELECTOR must be set as well');
  });

  test.each([
    ['SMTP_URL', 'https://mail.example'],
    ['SMTP_URL', 'mail.example:465'],
    ['SMTP_DKIM_PRIVATE_KEY', 'hunter2'],
    ['SES_TOPIC_ARN', 'hunter2'],
    ['MAILGUN_DOMAIN', 'https://mg.example'],
    ['MAILGUN_BASE_URL', 'hunter2'],
  ])('whose %s is %s is refused by name, without the value', (variable, value) => {
    const said = refusal({ [variable]: value });
    expect(said).toContain(variable);
    expect(said).not.toContain(value);
  });
});

describe('an account of text messages or push', () => {
  const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's' };
  const account = { region: 'eu-west-1', accessKeyId: 'AKIA', secretAccessKey: 's' };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
  const apns = { APNS_KEY: pem, APNS_KEY_ID: 'K', APNS_TEAM_ID: 'T', APNS_TOPIC: 'app' };
  const vonage = {
    VONAGE_APPLICATION_ID: 'a',
    VONAGE_PRIVATE_KEY: pem,
    VONAGE_SIGNATURE_SECRET: 's',
    VONAGE_FROM: 'Shop',
  };
  const vapid = {
    VAPID_PUBLIC_KEY: Buffer.alloc(65, 4).toString('base64url'),
    VAPID_PRIVATE_KEY: Buffer.alloc(32, 7).toString('base64url'),
    VAPID_SUBJECT: 'mailto:push@shop.example',
  };
  const topic = 'arn:aws:sns:eu-west-1:123456789012:texts';
  const awsSms = {
    AWS_SMS_ORIGINATION_IDENTITY: '+15005550009',
    AWS_SMS_CONFIGURATION_SET: 'set',
    AWS_SMS_TOPIC_ARN: topic,
  };

  test('at AWS needs its keys, and the keys alone are no account', () => {
    expect(readConfig({ ...aws, ...awsSms }).awsSms).toEqual({
      ...account,
      originationIdentity: '+15005550009',
      configurationSet: 'set',
      topicArn: topic,
    });
    const sns = readConfig({ ...aws, AWS_SNS_SENDER_ID: 'Shop' }).sns;
    expect(sns).toEqual({ ...account, senderId: 'Shop' });
    expect(readConfig(aws)).toMatchObject({ sns: undefined, awsSms: undefined });
    expect(refusal(awsSms)).toContain('AWS_REGION');
  });

  test('at Apple is for its production unless it is said otherwise', () => {
    expect(readConfig(apns).apns).toMatchObject({ key: pem, topic: 'app', production: true });
    expect(readConfig({ ...apns, APNS_PRODUCTION: 'false' }).apns?.production).toBe(false);
    const oneLine = { ...apns, APNS_KEY: pem.replaceAll('\n', '\\n') };
    expect(readConfig(oneLine).apns?.key).toBe(pem);
  });

  test.each([
    ['apns', apns],
    ['vonage', vonage],
    ['webpush', vapid],
  ] as const)('of %s is complete or not there', (name, all) => {
    expect(readConfig(all)[name]).toBeDefined();
    for (const missing of Object.keys(all)) {
      const rest = Object.fromEntries(Object.entries(all).filter(([key]) => key !== missing));
      expect(refusal(rest)).toBe(`${missing} must be set as well`);
    }
  });

  test.each([
    ['VONAGE_PRIVATE_KEY', 'hunter2'],
    ['APNS_KEY', 'hunter2'],
    ['APNS_PRODUCTION', 'perhaps'],
    ['VAPID_PUBLIC_KEY', 'hunter2'],
    ['VAPID_PRIVATE_KEY', '../hunter2'],
    ['VAPID_SUBJECT', 'hunter2'],
    ['AWS_SMS_TOPIC_ARN', 'hunter2'],
    ['AWS_SNS_SENDER_ID', 'a sender that is too long'],
  ])('whose %s is %s is refused by name, without the value', (variable, value) => {
    const said = refusal({ [variable]: value });
    expect(said).toContain(variable);
    expect(said).not.toContain(value);
  });
});

describe('in production', () => {
  const production = { NODE_ENV: 'production' };

  test('both secrets have to be configured', () => {
    const both = { ...production, TIDINGS_SECRET: secret, TIDINGS_MASTER_KEY: masterKey };
    expect(readConfig(both)).toMatchObject({ development: false, secret, masterKey });
    for (const env of [
      production,
      { ...production, TIDINGS_SECRET: secret },
      { ...production, TIDINGS_MASTER_KEY: masterKey },
    ]) {
      expect(refusal(env)).toMatch(/TIDINGS_SECRET.*TIDINGS_MASTER_KEY/);
    }
  });
});

test('a lease is longer than a call of a provider may take', () => {
  const env = { TIDINGS_LEASE_MS: '10000', TIDINGS_PROVIDER_TIMEOUT_MS: '10000' };
  expect(refusal(env)).toMatch(/TIDINGS_LEASE_MS.*TIDINGS_PROVIDER_TIMEOUT_MS/);
  expect(readConfig({ ...env, TIDINGS_LEASE_MS: '10001' }).leaseMs).toBe(10_001);
});
