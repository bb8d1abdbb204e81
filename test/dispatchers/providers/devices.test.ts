import { describe, expect, test } from '@jest/globals';
import { createBelief, createFanOut } from '../../../src/dispatchers/providers/devices.ts';
import type { DeviceOutcome } from '../../../src/dispatchers/providers/devices.ts';
import { push } from './messages.ts';

const accepted: DeviceOutcome = { outcome: { kind: 'accepted', providerMessageId: 'm' } };
const gone = { kind: 'rejected', code: 'gone', detail: '', scope: 'recipient' } as const;
const dead: DeviceOutcome = { outcome: gone, dead: true };
const failed = { kind: 'deferred', code: 'http_503', detail: '' } as const;
const lost = { kind: 'unknown', code: 'timeout', detail: '' } as const;
const many = (answer: DeviceOutcome, count: number) => Array.from({ length: count }, () => answer);

/** What a user with these devices gets. */
const sendTo = (...answers: readonly DeviceOutcome[]) => {
  const devices = answers.map((_, index) => ({ platform: 'apns', token: `${index}` }) as const);
  const fanOut = createFanOut('apns');
  return fanOut(push('n', { devices }), ({ token }) =>
    Promise.resolve(answers[Number(token)] ?? accepted),
  );
};

describe('a message to several devices', () => {
  test('is accepted when one takes it, whatever became of the others', async () => {
    expect(await sendTo({ outcome: failed }, { outcome: lost }, accepted, dead)).toEqual({
      kind: 'accepted',
      providerMessageId: 'm',
      deadTokens: ['3'],
    });
  });

  test('is unknown when one may have taken it, and deferred when one may take it later', async () => {
    expect(await sendTo(dead, { outcome: failed }, { outcome: lost })).toEqual(lost);
    expect(await sendTo(dead, { outcome: failed })).toEqual(failed);
  });

  test('is rejected for the reason of a living device, and names the dead ones', async () => {
    const large = { kind: 'rejected', code: 'large', detail: '', scope: 'message' } as const;
    expect(await sendTo(dead, { outcome: large })).toEqual({ ...large, deadTokens: ['0'] });
    expect(await sendTo(dead)).toEqual({ ...gone, deadTokens: ['0'] });
  });

  test('goes only to devices of the platform', async () => {
    const asked: string[] = [];
    const outcome = await createFanOut('webpush')(push('n'), ({ token }) => {
      asked.push(token);
      return Promise.resolve(accepted);
    });
    expect(asked).toEqual([]);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'no_device' });
  });
});

describe('a push service that calls devices dead', () => {
  test('is believed while that is rare', () => {
    const believe = createBelief();
    for (let round = 0; round < 100; round += 1) {
      expect(believe([accepted, accepted, accepted, accepted, dead])).toBe(true);
    }
  });

  test('is not believed any more once it calls most of them dead, as with a wrong project', () => {
    const believe = createBelief();
    believe(many(accepted, 10));
    const believed = many(dead, 1_000).filter((answer) => believe([answer]));
    expect(believed).toHaveLength(19);
  });

  test('is believed again when it takes messages again', () => {
    const believe = createBelief();
    expect(believe(many(dead, 50))).toBe(false);
    expect(believe(many(accepted, 100))).toBe(false);
    expect(believe(many(accepted, 50))).toBe(true);
  });

  test('is not judged by what it has not answered', () => {
    const believe = createBelief();
    believe(many(accepted, 60));
    believe(many({ outcome: failed }, 500));
    expect(believe(many(dead, 20))).toBe(true);
  });
});
