import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { useNativeBase64 } from '../../src/eventstore/nativeBase64.ts';
import { openLog } from '../support/embedded.ts';
import { steady } from '../support/spec.ts';

let store: Awaited<ReturnType<typeof openLog>>;

beforeAll(async () => {
  store = await openLog();
});
afterAll(() => store.close());

test('what is in an event comes back as it was, whatever its letters and its length', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }), async (text) => {
      const stream = `base64-${randomUUID()}`;
      const event = { id: randomUUID(), type: 'Told', data: { text }, metadata: {} };
      await store.log.append(stream, [event], -1);
      const [read] = await store.log.readStream(stream);
      expect(read?.data).toEqual({ text });
    }),
    { ...steady, numRuns: 50 },
  );
});

test('the decoder of the client is the one that is replaced', () => {
  const require = createRequire(import.meta.url);
  const ofClient = createRequire(require.resolve('@eventstore/db-client/package.json'));
  const { Message } = ofClient('google-protobuf') as {
    readonly Message: { bytesAsU8(value: unknown): unknown };
  };
  const before = Message.bytesAsU8.bind(Message);
  useNativeBase64();
  expect(Message.bytesAsU8('w6TDtsO8')).toEqual(new Uint8Array(Buffer.from('äöü')));
  expect(Message.bytesAsU8('')).toEqual(before(''));
  expect(Message.bytesAsU8(null)).toBeNull();
  const bytes = new Uint8Array([1, 2, 3]);
  expect(Message.bytesAsU8(bytes)).toBe(bytes);
});
