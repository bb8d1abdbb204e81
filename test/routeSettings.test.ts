import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planProviders } from '../src/accounts.ts';
import { readConfig } from '../src/config.ts';
import { readRoutes } from '../src/routeSettings.ts';
import { startSandbox } from '../src/sandbox/index.ts';
import type { Sandbox } from '../src/sandbox/index.ts';
import { temporaryDirectory } from './sandbox/support.ts';

const of = (provider: string, weight = 1) => ({ provider, weight });

describe('TIDINGS_ROUTES', () => {
  test('names the providers of a channel, tier by tier', () => {
    expect(readRoutes('email=sendgrid sms=twilio:3@30')).toEqual({
      email: { tiers: [[of('sendgrid')]] },
      sms: { tiers: [[of('twilio', 3)]], receiptWithinMs: 30_000 },
    });
    expect(readRoutes(undefined)).toEqual({});
    expect(readRoutes('  ')).toEqual({});
  });

  test.each([
    ['post=sendgrid', 'post is no channel; there are email, sms, push, in_app'],
    ['email', 'email must be given as email=provider'],
    ['email=sendgrid=2', 'email must be given as email=provider'],
    ['email=', 'email has no provider (empty)'],
    ['email=twilio', 'email has no provider twilio'],
    ['email=nobody', 'email has no provider nobody'],
    ['email=constructor', 'email has no provider constructor'],
    ['email=sendgrid;', 'email has no provider (empty)'],
    ['email=sendgrid:0', 'email gives sendgrid no weight of 1 to 1000'],
    ['email=sendgrid:1001', 'email gives sendgrid no weight of 1 to 1000'],
    ['email=sendgrid:1.5', 'email gives sendgrid no weight of 1 to 1000'],
    ['email=sendgrid:1:2', 'email gives sendgrid no weight of 1 to 1000'],
    ['email=sendgrid,sendgrid', 'email names sendgrid twice'],
    ['email=sendgrid;sendgrid', 'email names sendgrid twice'],
    ['email=sendgrid email=sendgrid', 'email is given twice'],
    ['sms=twilio@0', 'sms needs 1 to 86400 seconds after @'],
    ['sms=twilio@', 'sms needs 1 to 86400 seconds after @'],
    ['sms=twilio@1@2', 'sms has more than one @'],
  ])('says what is wrong with %p', (setting, reason) => {
    expect(() => readRoutes(setting)).toThrow(reason);
    expect(() => readConfig({ TIDINGS_ROUTES: setting })).toThrow(`TIDINGS_ROUTES: ${reason}`);
  });
});

describe('without a route', () => {
  const account = { SENDGRID_API_KEY: 'SG.x', SENDGRID_WEBHOOK_PUBLIC_KEY: 'x' };
  const directory = temporaryDirectory();
  let sandbox: Sandbox;
  beforeAll(async () => {
    const webhookBaseUrl = 'http://127.0.0.1:1';
    sandbox = await startSandbox({ dataDir: directory.path, webhookBaseUrl });
  });
  afterAll(async () => {
    await sandbox.close();
    directory.remove();
  });

  test('a channel is served by those with an account, and simulators serve the channels without one', () => {
    const { accounts, routes } = planProviders(readConfig(account), sandbox);
    expect(accounts.sendgrid).toMatchObject({ apiKey: 'SG.x' });
    expect(routes.email.tiers[0]).toEqual([of('sendgrid')]);
    expect(accounts.twilio).toMatchObject({ baseUrl: sandbox.url });
    expect(routes.sms.tiers[0]).toEqual([of('twilio')]);
    expect(routes.push.tiers[0]).toEqual([of('fcm')]);
    expect(routes.in_app).toEqual({ tiers: [[of('inapp')]] });
  });

  test('one simulator serves each kind of message and device; a route brings in the others', () => {
    const { routes } = planProviders(readConfig({}), sandbox);
    expect(routes.email).toEqual({ tiers: [[of('sendgrid')]] });
    const chosen = planProviders(readConfig({ TIDINGS_ROUTES: 'email=ses,mailgun;smtp' }), sandbox);
    expect(chosen.routes.email.tiers).toEqual([[of('ses'), of('mailgun')], [of('smtp')]]);
    expect(chosen.accounts.smtp).toEqual({ url: sandbox.smtp.url });
  });

  test('several accounts of one channel are all used, in order, and no simulator with them', () => {
    const { accounts, routes } = planProviders(
      readConfig({ ...account, SMTP_URL: 'smtps://mail.example:465' }),
      sandbox,
    );
    expect(routes.email.tiers).toEqual([[of('sendgrid')], [of('smtp')]]);
    expect(accounts).not.toHaveProperty('ses');
    expect(accounts.smtp).toEqual({ url: 'smtps://mail.example:465' });
  });
});
