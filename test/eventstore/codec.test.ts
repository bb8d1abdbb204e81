import { describe, expect, test } from '@jest/globals';
import { forgotten } from '../../src/eventstore/codec.ts';
import type { NewEvent, RawEvent } from '../../src/eventstore/event.ts';
import { isEncrypted } from '../../src/privacy/encryption.ts';
import { example } from '../support/examples.ts';
import { createTestCodec } from '../support/keys.ts';

const metadata = {
  $correlationId: 'c',
  $causationId: 'c',
  actor: 'client:shop',
  subject: 'ada',
  occurredAt: '2027-03-01T09:00:00.000Z',
};
const { subject: _, ...aboutNobody } = metadata;
const registered = { ...example('UserRegistered'), id: 'e1' };
const everything = () => true;

const stored = (stream: string, events: readonly NewEvent[]): readonly RawEvent[] =>
  events.map((event, revision) => ({
    ...event,
    stream,
    revision,
    position: { commit: BigInt(revision), prepare: BigInt(revision) },
  }));

const storedUser = async () => {
  const world = createTestCodec();
  const events = await world.codec.encode('user-ada', [registered], metadata);
  return { ...world, raw: stored('user-ada', events) };
};

describe('an event is stored', () => {
  test('with its personal fields encrypted, the others readable, and its version', async () => {
    const { raw } = await storedUser();
    const [event] = raw;
    expect(event?.metadata).toEqual({ ...metadata, schemaVersion: 2 });
    const data = event?.data ?? {};
    for (const field of ['name', 'email', 'phone']) expect(isEncrypted(data[field])).toBe(true);
    expect(data).toMatchObject({ userId: 'ada', timezone: 'Europe/Oslo', locale: 'nb-NO' });
    // Long enough that no ciphertext holds them by chance.
    expect(JSON.stringify(data)).not.toMatch(/Ada Ø|example\.org|\+4915/);
  });

  test('with null as null: there is nothing to hide in a value that was removed', async () => {
    const { codec } = createTestCodec();
    const removal = { type: 'UserUpdated', data: { phone: null }, id: 'e2' };
    const [event] = await codec.encode('user-ada', [removal], metadata);
    expect(event?.data).toEqual({ phone: null });
  });

  test('never, when it holds personal data and says nothing about whose', async () => {
    const { codec } = createTestCodec();
    await expect(codec.encode('user-ada', [registered], aboutNobody)).rejects.toThrow('no subject');
  });

  test('never, when the key of the person was destroyed', async () => {
    const { codec, store } = await storedUser();
    store.destroy('ada');
    const fresh = createTestCodec(store);
    await expect(fresh.codec.encode('user-ada', [registered], metadata)).rejects.toThrow();
    await expect(codec.encode('user-eve', [registered], metadata)).resolves.toHaveLength(1);
  });

  test('never, when nobody knows its type', async () => {
    const { codec } = createTestCodec();
    const unknown = { type: 'UserTeleported', data: {}, id: 'e3' };
    await expect(codec.encode('user-ada', [unknown], metadata)).rejects.toThrow('UserTeleported');
  });

  test('without asking for a key when it is about nobody', async () => {
    const { codec, store } = createTestCodec();
    const created = { ...example('TemplateCreated'), id: 'e4' };
    await codec.encode('template-welcome', [created], aboutNobody);
    expect(store.calls).toEqual({ find: 0, add: 0 });
  });
});

describe('a stored event is read', () => {
  test('as what it was', async () => {
    const { codec, raw } = await storedUser();
    const [event] = await codec.decode(raw, everything);
    expect(event).toMatchObject({ ...registered, stream: 'user-ada', revision: 0 });
  });

  test('in the order of the log, each under the key of its own subject', async () => {
    const { codec } = createTestCodec();
    const raw: RawEvent[] = [];
    for (const subject of ['ada', 'bob', 'ada']) {
      const event = { ...example('UserUpdated', { email: `${subject}@example.org` }), id: subject };
      const events = await codec.encode(`user-${subject}`, [event], { ...metadata, subject });
      raw.push(...stored(`user-${subject}`, events));
    }
    const read = await codec.decode(raw, everything);
    expect(read.map(({ data }) => (data as { email: string }).email)).toEqual([
      'ada@example.org',
      'bob@example.org',
      'ada@example.org',
    ]);
  });

  test('closed, without a key, by one who has no need of the personal fields', async () => {
    const { codec, raw, store } = await storedUser();
    const before = store.calls.find;
    const [event] = await codec.decode(raw, () => false);
    expect(isEncrypted((event?.data as { email: unknown }).email)).toBe(true);
    expect(store.calls.find).toBe(before);
  });

  test('as forgotten where the key was destroyed, and as before in everything else', async () => {
    const { raw, store } = await storedUser();
    store.destroy('ada');
    const [event] = await createTestCodec(store).codec.decode(raw, everything);
    expect(event?.data).toEqual({
      userId: 'ada',
      name: forgotten,
      email: forgotten,
      phone: forgotten,
      attributes: forgotten,
      timezone: 'Europe/Oslo',
      locale: 'nb-NO',
    });
  });

  test('not as forgotten when the keys cannot be read: that is an error', async () => {
    const { raw, store } = await storedUser();
    store.fail(new Error('the key store is down'));
    await expect(createTestCodec(store).codec.decode(raw, everything)).rejects.toThrow(
      'the key store is down',
    );
  });

  test('not at all when a field was moved to another event, stream or field', async () => {
    const { codec, raw } = await storedUser();
    const [event] = raw;
    if (!event) throw new Error('nothing was stored');
    const { name, email } = event.data;
    for (const moved of [
      { ...event, id: 'e9' },
      { ...event, stream: 'user-eve' },
      { ...event, data: { ...event.data, name: email, email: name } },
    ]) {
      await expect(codec.decode([moved], everything)).rejects.toThrow();
    }
  });

  test('not when its type or its version is newer than the program', async () => {
    const { codec, raw } = await storedUser();
    const [event] = raw;
    if (!event) throw new Error('nothing was stored');
    const newer = { ...event, metadata: { ...event.metadata, schemaVersion: 99 } };
    await expect(codec.decode([newer], () => false)).rejects.toThrow(
      'UserRegistered version 99 is newer than this program',
    );
    await expect(codec.decode([{ ...event, type: 'UserTeleported' }], everything)).rejects.toThrow(
      'unknown event type UserTeleported',
    );
  });
});
