import { describe, expect, test } from '@jest/globals';
import { createWindow } from '../../src/dispatchers/broadcasts/window.ts';

/** A window over a store whose counts are in hand; every wait lets some time pass. */
const open = (state: { waiting: number; putOff: number; drain?: number }) => {
  const clock = { now: 0, looks: 0 };
  const window = createWindow({
    size: 100,
    undispatched: () => {
      clock.looks += 1;
      return Promise.resolve(state.waiting);
    },
    putOff: (most) => Promise.resolve(Math.min(most, state.putOff)),
    wait: (milliseconds) => {
      clock.now += milliseconds;
      state.waiting -= state.drain ?? 0;
      return Promise.resolve();
    },
    now: () => clock.now,
  });
  return { window, clock };
};
const { signal } = new AbortController();
const wanted = () => Promise.resolve(true);

describe('a broadcast may add to the log', () => {
  test('as much as the window leaves, whoever fills it', async () => {
    expect(await open({ waiting: 0, putOff: 0 }).window.room(500, signal, wanted)).toBe(100);
    expect(await open({ waiting: 40, putOff: 0 }).window.room(500, signal, wanted)).toBe(60);
    expect(await open({ waiting: 40, putOff: 20 }).window.room(500, signal, wanted)).toBe(40);
    expect(await open({ waiting: 40, putOff: 0 }).window.room(7, signal, wanted)).toBe(7);
  });

  test('once a quarter of it is free: a look is not worth less', async () => {
    const { window, clock } = open({ waiting: 100, putOff: 0, drain: 5 });
    expect(await window.room(500, signal, wanted)).toBe(25);
    expect(clock.looks).toBe(6);
  });

  test('nothing while providers put off what they were given', async () => {
    const state = { waiting: 0, putOff: 250 };
    const { window, clock } = open(state);
    let asked = 0;
    const room = await window.room(500, signal, () => {
      asked += 1;
      return Promise.resolve(asked < 3);
    });
    expect(room).toBe(0);
    expect(clock.now).toBeGreaterThanOrEqual(3_000);
    expect(clock.looks).toBe(0);
  });

  test('nothing more when the program is to stop', async () => {
    const { window } = open({ waiting: 100, putOff: 0 });
    expect(await window.room(500, AbortSignal.abort(), wanted)).toBe(0);
  });
});
