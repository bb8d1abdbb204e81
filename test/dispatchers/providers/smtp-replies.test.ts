import { afterEach, describe, expect, test } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import type { Outcome } from '../../../src/dispatchers/providers/provider.ts';
import { createSmtp } from '../../../src/dispatchers/providers/smtp.ts';
import { selfSigned } from '../../../src/sandbox/certificate.ts';
import { openInbox, reply } from './inbox.ts';
import { email } from './messages.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function sent(options: SMTPServerOptions, url?: (port: number) => string): Promise<Outcome> {
  const inbox = await openInbox(options);
  const provider = createSmtp({ url: url?.(inbox.port) ?? inbox.url, timeoutMs: 2000 });
  closers.push(inbox.close, () => provider.close());
  return provider.send(email(ID));
}

const replies: Readonly<
  Record<'MAIL FROM' | 'RCPT TO' | 'DATA', (error: Error) => SMTPServerOptions>
> = {
  'MAIL FROM': (error) => ({ onMailFrom: (_address, _session, done) => done(error) }),
  'RCPT TO': (error) => ({ onRcptTo: (_address, _session, done) => done(error) }),
  DATA: (error) => ({
    onData: (stream, _session, done) => {
      stream.resume();
      stream.on('end', () => done(error));
    },
  }),
};

test.each([
  ['RCPT TO', 550, '5.1.1 zoe.okafor@example.com is unknown', 'recipient'],
  ['RCPT TO', 553, '5.1.3 Bad address', 'recipient'],
  ['RCPT TO', 501, 'Bad address', 'recipient'],
  ['RCPT TO', 550, 'zoe.okafor@example.com: no', 'message'],
  ['RCPT TO', 552, '5.2.2 The mailbox is full', 'message'],
  ['RCPT TO', 550, '5.7.1 Not by our policy', 'message'],
  ['RCPT TO', 550, '5.1.8 Bad sender', 'configuration'],
  ['MAIL FROM', 553, '5.1.8 We do not know hello@tidings.example', 'configuration'],
  ['MAIL FROM', 552, '5.3.4 Too big', 'message'],
  ['DATA', 550, '5.7.515 Access denied', 'configuration'],
  ['DATA', 554, '5.6.0 Bad content', 'message'],
] as const)('%s answered by %i %s is the fault of the %s', async (command, code, text, scope) => {
  const outcome = await sent(replies[command](reply(code, text)));
  expect(outcome).toMatchObject({ kind: 'rejected', scope });
  expect(JSON.stringify(outcome)).not.toMatch(/example/);
});

test.each([
  ['MAIL FROM', 451, '4.3.0 Later'],
  ['RCPT TO', 450, '4.2.1 Greylisted'],
  ['RCPT TO', 452, '4.2.2 The mailbox is full'],
  ['DATA', 421, '4.3.2 Shutting down'],
  ['DATA', 451, 'Later'],
] as const)('%s answered by %i %s is tried again', async (command, code, text) => {
  expect(await sent(replies[command](reply(code, text)))).toMatchObject({ kind: 'deferred' });
});

describe('authentication', () => {
  const account = (port: number) => `smtp://user%40a:p%3Ass@127.0.0.1:${port}?starttls=never`;
  const demand = (error: Error | null): SMTPServerOptions => ({
    authOptional: false,
    onAuth: ({ username, password }, _session, done) => {
      const known = username === 'user@a' && password === 'p:ss';
      done(known ? error : reply(535, '5.7.8 unknown'), { user: 'a' });
    },
  });

  test('uses the name and password of the URL, percent-decoded', async () => {
    expect(await sent(demand(null), account)).toMatchObject({ kind: 'accepted' });
  });

  test('that is refused is a matter of configuration; that can not be decided now is tried again', async () => {
    const refused = await sent(demand(reply(535, '5.7.8 user@a p:ss')), account);
    expect(refused).toMatchObject({ kind: 'rejected', scope: 'configuration' });
    expect(JSON.stringify(refused)).not.toMatch(/user|p:ss/);
    const later = await sent(demand(reply(454, '4.7.0 Try later')), account);
    expect(later).toMatchObject({ kind: 'deferred' });
  });
});

describe('encryption', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const cert = selfSigned(key, ['localhost'], new Date());
  const tls = { key: key.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };

  const over = async (scheme: string, options: SMTPServerOptions, ca?: string) => {
    const inbox = await openInbox(options);
    const url = `${scheme}://localhost:${inbox.port}`;
    const provider = createSmtp({ url, timeoutMs: 2000, ...(ca === undefined ? {} : { ca }) });
    closers.push(inbox.close, () => provider.close());
    return { outcome: await provider.send(email(ID)), received: inbox.received };
  };

  test('from the start (smtps) and by STARTTLS (smtp) reaches a server with a certificate we trust', async () => {
    const direct = await over('smtps', { secure: true, ...tls }, cert);
    expect(direct.outcome).toMatchObject({ kind: 'accepted' });
    const upgraded = await over('smtp', { disabledCommands: [], ...tls }, cert);
    expect(upgraded.outcome).toMatchObject({ kind: 'accepted' });
  });

  test('is insisted on: without it, or with a certificate that nobody vouches for, nothing is sent', async () => {
    const bare = await over('smtp', {});
    const unknown = await over('smtp', { disabledCommands: [], ...tls });
    const direct = await over('smtps', { secure: true, ...tls });
    for (const { outcome, received } of [bare, unknown, direct]) {
      expect(outcome).toMatchObject({ kind: 'deferred' });
      expect(received).toEqual([]);
    }
  });
});

describe('a connection that fails', () => {
  test('before the greeting came sent nothing', async () => {
    const silent = net.createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const provider = createSmtp({
      url: `smtp://127.0.0.1:${port}?starttls=never`,
      timeoutMs: 150,
    });
    closers.push(
      () => new Promise<void>((resolve) => silent.close(() => resolve())),
      () => provider.close(),
    );
    expect(await provider.send(email(ID))).toMatchObject({ kind: 'deferred', code: 'timeout' });
  });

  test('before the message was asked for sent nothing', async () => {
    const outcome = await sent({ onMailFrom: () => undefined });
    expect(outcome).toMatchObject({ kind: 'deferred', code: 'timeout' });
  });

  test('after the message was written leaves it unknown', async () => {
    const silent = await sent({ onData: (stream) => void stream.resume() });
    expect(silent).toMatchObject({ kind: 'unknown', code: 'timeout' });
  });

  test('while it was idle costs no message: nothing had been written', async () => {
    const inbox = await openInbox();
    const provider = createSmtp({ url: inbox.url });
    closers.push(inbox.close, () => provider.close());
    for (let round = 1; round <= 3; round += 1) {
      expect(await provider.send(email(ID))).toMatchObject({ kind: 'accepted' });
      expect(inbox.received).toHaveLength(round);
      inbox.hangUp();
    }
  });

  test.each([554, 421])('with a greeting of %i says nothing about the message', async (code) => {
    const outcome = await sent({
      onConnect: (_session, done) => done(reply(code, '5.7.1 Go away')),
    });
    expect(outcome).toMatchObject(
      code === 421 ? { kind: 'deferred' } : { kind: 'rejected', scope: 'configuration' },
    );
  });
});
