import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type {
  Outcome,
  Provider,
  RenderedMessage,
} from '../../../src/dispatchers/providers/provider.ts';
import { startSandbox } from '../../../src/sandbox/index.ts';
import type { ProviderName, Sandbox } from '../../../src/sandbox/index.ts';
import { controlsOf, startReceiver, temporaryDirectory } from '../../sandbox/support.ts';
import type { Receiver } from '../../sandbox/support.ts';
import { guardLoopback } from './loopback-guard.ts';

/** One adapter, seen by the contract. */
export interface Subject<M extends RenderedMessage> {
  readonly name: ProviderName;
  /** What `message` needs to know of the sandbox. */
  prepare?(sandbox: Sandbox): Promise<void>;
  create(sandbox: Sandbox, changes: { baseUrl?: string; timeoutMs?: number }): Provider<M>;
  /** The same with credentials that the sandbox refuses. */
  createStranger(sandbox: Sandbox): Provider<M>;
  message(notificationId: string): M;
  /** A message whose recipient the provider refuses for good. */
  refusedMessage(notificationId: string): M;
  /** False where the provider has no way to say how long to wait. */
  readonly saysRetryAfter?: boolean;
  /** The code of trouble at the provider. Default `http_503`. */
  readonly troubleCode?: string;
  /** What must never appear in an outcome. */
  secrets(sandbox: Sandbox): readonly string[];
}

/** What every adapter owes, over real sockets against the sandbox. */
export function keepsTheProviderContract<M extends RenderedMessage>(subject: Subject<M>): void {
  const directory = temporaryDirectory();
  const guard = guardLoopback();
  const outcomes: Outcome[] = [];
  let receiver: Receiver;
  let sandbox: Sandbox;
  let controls: ReturnType<typeof controlsOf>;
  let provider: Provider<M>;

  beforeAll(async () => {
    receiver = await startReceiver();
    sandbox = await startSandbox({ dataDir: directory.path, webhookBaseUrl: receiver.url });
    controls = controlsOf(sandbox.url);
    await subject.prepare?.(sandbox);
    provider = subject.create(sandbox, {});
  });
  afterEach(() => controls.clearFaults());
  afterAll(async () => {
    await provider.close();
    await sandbox.close();
    await receiver.close();
    directory.remove();
    guard.lift();
  });

  const send = async (message: M, through: Provider<M> = provider): Promise<Outcome> => {
    const outcome = await through.send(message);
    outcomes.push(outcome);
    return outcome;
  };
  const acceptedFor = async (notificationId: string): Promise<number> =>
    (await controls.rows()).filter((row) => row.notificationId === notificationId).length;
  /** Sends one message and tells how many requests that made. */
  const sendCounting = async (id: string, through?: Provider<M>) => {
    const before = (await controls.summary())[subject.name].requests;
    const outcome = await send(subject.message(id), through);
    return { outcome, requests: (await controls.summary())[subject.name].requests - before };
  };

  test('a message that the provider takes is accepted, with the provider’s id', async () => {
    const id = randomUUID();
    const { outcome, requests } = await sendCounting(id);
    const row = (await controls.rows()).find((each) => each.notificationId === id);
    expect(outcome).toEqual({ kind: 'accepted', providerMessageId: row?.providerMessageId });
    expect(requests).toBe(1);
    expect(await acceptedFor(id)).toBe(1);
  });

  test('a recipient that the provider refuses is rejected for good', async () => {
    const outcome = await send(subject.refusedMessage(randomUUID()));
    expect(outcome).toMatchObject({ kind: 'rejected', scope: 'recipient' });
  });

  test('refused credentials are a matter of configuration', async () => {
    const stranger = subject.createStranger(sandbox);
    const outcome = await send(subject.message(randomUUID()), stranger);
    await stranger.close();
    expect(outcome).toMatchObject({ kind: 'rejected', scope: 'configuration' });
    expect(outcome).not.toHaveProperty('deadTokens');
  });

  test('a rate limit defers for as long as the provider asks, after one request', async () => {
    await controls.setFaults(subject.name, { rateLimit: { share: 1, retryAfterSeconds: 7 } });
    const id = randomUUID();
    const { outcome, requests } = await sendCounting(id);
    expect(outcome).toMatchObject({ kind: 'deferred' });
    if (subject.saysRetryAfter ?? true) expect(outcome).toMatchObject({ retryAfterMs: 7000 });
    expect(requests).toBe(1);
    expect(await acceptedFor(id)).toBe(0);
  });

  test('a server error defers, after one request', async () => {
    await controls.setFaults(subject.name, { serverError: { share: 1 } });
    const { outcome, requests } = await sendCounting(randomUUID());
    expect(outcome).toMatchObject({ kind: 'deferred', code: subject.troubleCode ?? 'http_503' });
    expect(requests).toBe(1);
  });

  test('a connection that is reset after the message was taken leaves it unknown, after one request', async () => {
    await controls.setFaults(subject.name, { resetAfterAccept: { share: 1 } });
    const id = randomUUID();
    const { outcome, requests } = await sendCounting(id);
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'connection_lost' });
    expect(requests).toBe(1);
    expect(await acceptedFor(id)).toBe(1);
  });

  test('an answer that does not come in time leaves it unknown, after one request', async () => {
    await controls.setFaults(subject.name, { latencyMs: 60_000 });
    const impatient = subject.create(sandbox, { timeoutMs: 1000 });
    const id = randomUUID();
    const { outcome, requests } = await sendCounting(id, impatient);
    await impatient.close();
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'timeout' });
    expect(requests).toBe(1);
    expect(await acceptedFor(id)).toBe(1);
  });

  test('nobody listening defers: nothing was sent', async () => {
    const closed = await startReceiver();
    await closed.close();
    const lost = subject.create(sandbox, { baseUrl: closed.url });
    const outcome = await send(subject.message(randomUUID()), lost);
    await lost.close();
    expect(outcome).toMatchObject({ kind: 'deferred' });
  });

  test('fifty messages at once are each accepted once', async () => {
    const ids = Array.from({ length: 50 }, () => randomUUID());
    const results = await Promise.all(ids.map((id) => send(subject.message(id))));
    expect(results.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
    const seen = (await controls.rows()).map(({ notificationId }) => notificationId);
    expect(ids.filter((id) => seen.filter((each) => each === id).length !== 1)).toEqual([]);
  });

  test('no outcome holds an address, a token or a credential', () => {
    const text = JSON.stringify(
      outcomes.map((outcome) => ({ ...outcome, deadTokens: undefined, providerMessageId: '' })),
    );
    expect(outcomes.length).toBeGreaterThan(50);
    expect(subject.secrets(sandbox).filter((secret) => text.includes(secret))).toEqual([]);
  });

  test('nothing tried to leave the machine', () => {
    expect(guard.attempts).toEqual([]);
  });
}
