import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, ended, register, send, startWorld, welcome, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await create(world, welcome);
  await register(world, 'u-ann');
});
afterAll(() => world.close());

const metrics = async () => {
  const response = await fetch(`${world.url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return response.text();
};
const sample = (text: string, line: RegExp) => Number(line.exec(text)?.[1]);

describe('GET /metrics', () => {
  test('counts what was sent, delivered and failed, and tells no address', async () => {
    const { notificationId } = await send(world, 'u-ann', 'EMAIL');
    await ended(world, notificationId, 'DELIVERED');
    const text = await metrics();
    const labels = '\\{channel="email",provider="sendgrid",category="transactional"\\} (\\d+)';
    expect(sample(text, new RegExp(`^notifications_sent_total${labels}$`, 'm'))).toBe(1);
    expect(sample(text, new RegExp(`^notifications_delivered_total${labels}$`, 'm'))).toBe(1);
    expect(sample(text, /^notification_processing_duration_count\{channel="email"\} (\d+)$/m)).toBe(
      1,
    );
    expect(sample(text, /^notification_queue_size\{channel="email"\} (\d+)$/m)).toBe(0);
    expect(text).toContain('# TYPE channel_failure_rate counter');
    expect(
      sample(text, /^provider_breaker_state\{channel="email",provider="sendgrid"\} (\d)$/m),
    ).toBe(0);
    expect(text).not.toMatch(/@|u-ann|welcome/);
  });

  test('counts webhooks that were turned away', async () => {
    const forged = await fetch(`${world.url}/webhooks/sendgrid`, { method: 'POST', body: '[]' });
    expect(forged.status).toBe(401);
    expect(
      sample(
        await metrics(),
        /^webhooks_refused_total\{provider="sendgrid",status="401"\} (\d+)$/m,
      ),
    ).toBe(1);
  });
});

interface Shown {
  readonly name: string;
  readonly channel: string;
  readonly breaker: string;
  readonly counts: { readonly accepted: number; readonly deferred: number };
  readonly lastError: string | null;
}

const providers = async (): Promise<readonly Shown[]> => {
  const query = `{ providers { name channel breaker since counts { accepted deferred } lastError } }`;
  return (await world.client.run<{ providers: readonly Shown[] }>(query, {})).providers;
};

describe('the query providers', () => {
  test('shows an operator what each provider is doing', async () => {
    await world.fault('twilio', { serverError: { share: 1 } });
    const { notificationId } = await send(world, 'u-ann', 'SMS');
    await ended(world, notificationId, 'FAILED');
    const shown = await world.until(providers, (all) =>
      all.some(({ name, counts }) => name === 'twilio' && counts.deferred > 0),
    );
    await world.fault('twilio', undefined);
    expect(shown.find(({ name }) => name === 'twilio')).toMatchObject({
      channel: 'SMS',
      breaker: 'CLOSED',
      lastError: 'http_503',
    });
  });
});
