import type { Platform } from '../../domain/user/state.ts';
import { rejected } from './outcome.ts';
import type { Outcome, PushDevice, PushMessage } from './provider.ts';

/** What became of one device's message. */
export interface DeviceOutcome {
  readonly outcome: Outcome;
  /** The device no longer exists: the push service said so itself. */
  readonly dead?: boolean;
}

type FanOut = (
  message: PushMessage,
  send: (device: PushDevice) => Promise<DeviceOutcome>,
) => Promise<Outcome>;

/**
 * Sends a message to each of the user's devices of one platform and makes one outcome of theirs: accepted if any was,
 * since a repeat would reach that device again; else the least certain of the rest. Dead devices are named as far as the
 * push service is to be believed (`createBelief`).
 */
export const createFanOut = (platform: Platform): FanOut => {
  const believe = createBelief();
  return async (message, send) => {
    const devices = message.devices.filter((device) => device.platform === platform);
    const outcomes = await Promise.all(devices.map(send));
    const dead = devices.flatMap(({ token }, index) =>
      outcomes[index]?.dead === true ? [token] : [],
    );
    const isBelieved = believe(outcomes);
    return combine(outcomes, isBelieved ? dead : []);
  };
};

function combine(devices: readonly DeviceOutcome[], dead: readonly string[]): Outcome {
  const deadTokens = dead.length === 0 ? {} : { deadTokens: dead };
  const of = (kind: Outcome['kind']): Outcome | undefined =>
    devices.find(({ outcome }) => outcome.kind === kind)?.outcome;

  const outcome = of('accepted') ?? of('unknown') ?? of('deferred');
  if (outcome?.kind === 'accepted') return { ...outcome, ...deadTokens };
  if (outcome !== undefined) return outcome;
  const alive = devices.find((device) => device.dead !== true) ?? devices[0];
  return alive?.outcome.kind === 'rejected'
    ? { ...alive.outcome, ...deadTokens }
    : rejected('no_device', 'the message names no device', 'recipient');
}

const REMEMBERED = 200;
const SUSPICIOUS = 20;
const HIGHEST_SHARE = 0.3;

/**
 * Whether a push service that calls devices dead is to be believed. Not while it does so to twenty or more of the last
 * 200 and to more than 30 % of those it answered for: then rather the project, the topic or the key is wrong, and
 * believing it would delete everybody's devices (facts, providers §0 row 7).
 */
export function createBelief(): (answers: readonly DeviceOutcome[]) => boolean {
  const recent: boolean[] = [];
  return (answers) => {
    for (const { outcome, dead = false } of answers) {
      if (dead || outcome.kind === 'accepted') recent.push(dead);
    }
    recent.splice(0, Math.max(0, recent.length - REMEMBERED));
    const dead = recent.filter(Boolean).length;
    return dead < SUSPICIOUS || dead <= recent.length * HIGHEST_SHARE;
  };
}
