import { describe, expect, test } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { batchesOf } from '../../src/eventstore/batches.ts';
import { steady } from '../support/spec.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const objects = () => new PassThrough({ objectMode: true, highWaterMark: 1_000 });

const collect = async (stream: Readable, options = { max: 10, lingerMs: 1 }) => {
  const batches: (readonly number[])[] = [];
  for await (const batch of batchesOf<number>(stream, options)) batches.push(batch);
  return batches;
};

describe('a stream in batches', () => {
  test('loses nothing, repeats nothing, keeps the order and never exceeds the size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 20 }),
        async (count, max, highWaterMark) => {
          const stream = Readable.from(numbers(count), { highWaterMark });
          const batches = await collect(stream, { max, lingerMs: 0 });
          expect(batches.flat()).toEqual(numbers(count));
          expect(batches.every(({ length }) => length >= 1 && length <= max)).toBe(true);
        },
      ),
      { ...steady, numRuns: 100 },
    );
  });

  test('takes all that is there up to the size', async () => {
    const stream = objects();
    for (const n of numbers(25)) stream.write(n);
    stream.end();
    const batches = await collect(stream);
    expect(batches.map(({ length }) => length)).toEqual([10, 10, 5]);
  });

  test('hands out what it has when the rest does not come in time', async () => {
    const stream = objects();
    stream.write(1);
    const batches = batchesOf<number>(stream, { max: 10, lingerMs: 5 });
    expect(await batches.next()).toEqual({ done: false, value: [1] });
    stream.write(2);
    expect(await batches.next()).toEqual({ done: false, value: [2] });
    await batches.return(undefined);
  });

  test('waits longer for fuller batches while much comes', async () => {
    const stream = objects();
    const busy = { perSecond: 1_000, lingerMs: 60_000 };
    const batches = batchesOf<number>(stream, { max: 100, lingerMs: 0, busy });
    for (const n of numbers(50)) stream.write(n);
    expect((await batches.next()).value).toHaveLength(50);
    const next = batches.next();
    stream.write(50);
    // Without the longer wait it would be handed out alone within this turn.
    await new Promise((resolve) => setImmediate(resolve));
    for (const n of numbers(99)) stream.write(n);
    expect((await next).value).toHaveLength(100);
    await batches.return(undefined);
  });

  test('waits for its consumer: nothing is read ahead of it', async () => {
    let produced = 0;
    const stream = new Readable({
      objectMode: true,
      highWaterMark: 2,
      read() {
        produced += 1;
        this.push(produced);
      },
    });
    const batches = batchesOf<number>(stream, { max: 3, lingerMs: 0 });
    await batches.next();
    expect(produced).toBeLessThanOrEqual(3 + 2 + 1);
    await batches.return(undefined);
  });

  test('closes the stream when its consumer leaves', async () => {
    const stream = objects();
    stream.write(1);
    for await (const _ of batchesOf<number>(stream, { max: 1, lingerMs: 0 })) break;
    expect(stream.destroyed).toBe(true);
    expect(stream.listenerCount('readable')).toBe(0);
  });

  test('fails as the stream fails', async () => {
    const stream = objects();
    const reading = collect(stream);
    stream.destroy(new Error('the connection is gone'));
    await expect(reading).rejects.toThrow('the connection is gone');
  });

  test('ends when the stream is closed from outside', async () => {
    const stream = objects();
    const reading = collect(stream);
    stream.write(1);
    setImmediate(() => stream.destroy());
    expect((await reading).flat()).toEqual([1]);
  });

  test('ends at once when the stream was closed before', async () => {
    const stream = objects();
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy();
    await closed;
    expect(await collect(stream)).toEqual([]);
  }, 2_000);

  test('fails at once when the stream failed before', async () => {
    const stream = objects().on('error', () => undefined);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy(new Error('the connection is gone'));
    await closed;
    await expect(collect(stream)).rejects.toThrow('the connection is gone');
  }, 2_000);
});
