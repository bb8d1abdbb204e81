import { describe, expect, test } from '@jest/globals';
import { createLanes } from '../../src/dispatchers/lanes.ts';
import type { Priority } from '../../src/domain/vocabulary.ts';

/** A gate that holds a task until it is opened. */
const createGate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
};

describe('a lane', () => {
  test('starts the most urgent first, and the oldest among equals', async () => {
    const lanes = createLanes(1);
    const gate = createGate();
    const order: string[] = [];
    const first = lanes.run('email', 'low', () => gate.opened);
    const waiting = (
      [
        ['a', 'normal'],
        ['b', 'low'],
        ['c', 'urgent'],
        ['d', 'normal'],
        ['e', 'high'],
        ['f', 'urgent'],
      ] as const satisfies readonly (readonly [string, Priority])[]
    ).map(([name, priority]) =>
      lanes.run('email', priority, () => {
        order.push(name);
        return Promise.resolve();
      }),
    );
    expect(lanes.size()).toBe(7);
    gate.open();
    await Promise.all([first, ...waiting]);
    expect(order.join('')).toBe('cfeadb');
    expect(lanes.size()).toBe(0);
  });

  test('never runs more at once than it may', async () => {
    const lanes = createLanes(3);
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        lanes.run('sms', 'normal', async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(3);
  });

  test('does not wait for the lane of another channel', async () => {
    const lanes = createLanes(1);
    const gate = createGate();
    const stuck = lanes.run('email', 'urgent', () => gate.opened);
    let sent = false;
    await lanes.run('sms', 'low', () => {
      sent = true;
      return Promise.resolve();
    });
    expect(sent).toBe(true);
    gate.open();
    await stuck;
    await lanes.idle();
  });

  test('tells a failure to the one who asked, and goes on', async () => {
    const lanes = createLanes(1);
    const failing = lanes.run('push', 'low', () => Promise.reject(new Error('no')));
    const next = lanes.run('push', 'low', () => Promise.resolve());
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBeUndefined();
  });
});
