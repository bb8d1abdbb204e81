import { describe, expect, test } from '@jest/globals';
import { type Story, told, untold } from '../../chaos/delivery/log.ts';
import { type Booked, type Evidence, judge } from '../../chaos/delivery/oracle.ts';

type Event = readonly [type: string, data?: Readonly<Record<string, unknown>>];

const started = (provider: string): Event => ['DispatchStarted', { provider }];
const sent = (provider: string, attempt = 1): Event => [
  'NotificationSent',
  { provider, attempt, providerMessageId: `${provider}-${attempt}` },
];
const doubt = (provider: string, resolution = 'resend'): Event => [
  'DispatchOutcomeUnknown',
  { provider, resolution },
];
const story = (...events: readonly Event[]): Story =>
  events.reduce(
    (before, [type, data = {}]) => told(before, type, data),
    told(untold, 'NotificationRequested', {}),
  );
const row = (provider: Booked['provider'], attempt = 1, id: string | null = 'n'): Booked => ({
  provider,
  providerMessageId: `${provider}-${attempt}`,
  notificationId: id,
});
/** One notification that was acknowledged, with its events and what the books hold of it. */
const verdictOn = (events: readonly Event[] | undefined, ...ledger: readonly Booked[]) => {
  const stories: Evidence['stories'] = new Map(events ? [['n', story(...events)]] : []);
  const accepted = new Set(['n']);
  return judge({ accepted, shownSettled: accepted, stories, ledger });
};

const fine = { lost: [], duplicated: [], inDoubt: [], repeatedInDoubt: [], problems: [] };

describe('what the chaos run calls lost', () => {
  test('is nothing that was sent and is in the books', () => {
    expect(verdictOn([started('ses'), sent('ses')], row('ses'))).toEqual(fine);
  });

  test('is nothing in-app, which nobody outside keeps books of', () => {
    expect(verdictOn([started('inapp'), sent('inapp')])).toEqual(fine);
  });

  test('is what the log does not hold, leaves waiting, or claims to have sent', () => {
    expect(verdictOn(undefined).lost).toEqual(['n']);
    expect(verdictOn([started('ses'), ['NotificationFailed', { provider: 'ses' }]]).lost).toEqual([
      'n',
    ]);
    expect(verdictOn([started('ses'), doubt('ses')], row('ses')).lost).toEqual(['n']);
    expect(verdictOn([started('ses'), sent('ses')]).lost).toEqual(['n']);
  });
});

describe('what the chaos run calls duplicated', () => {
  test('is a second message without a doubt about the first, whoever took it', () => {
    const once = [started('ses'), sent('ses')];
    expect(verdictOn(once, row('ses'), row('ses')).duplicated).toEqual(['n']);
    expect(verdictOn(once, row('ses'), row('smtp')).duplicated).toEqual(['n']);
  });

  test('is not a second one that a doubt explains: that is named', () => {
    const twice = [started('ses'), doubt('ses'), started('smtp'), sent('smtp', 2)];
    const verdict = verdictOn(twice, row('ses'), row('smtp', 2));
    expect(verdict).toEqual({ ...fine, inDoubt: ['n'], repeatedInDoubt: ['n'] });
    expect(verdictOn(twice, row('ses'), row('smtp', 2), row('smtp', 3)).duplicated).toEqual(['n']);
  });

  test('is a second one of what is never to be sent twice, even in doubt', () => {
    const givenUp = [
      started('ses'),
      doubt('ses', 'give up'),
      ['NotificationDeadLettered'],
    ] as const;
    expect(verdictOn(givenUp, row('ses')).duplicated).toEqual([]);
    expect(verdictOn(givenUp, row('ses'), row('smtp')).duplicated).toEqual(['n']);
  });

  test('is found at a provider that keeps no id of ours by its own', () => {
    const once = [started('sns'), sent('sns')];
    expect(verdictOn(once, row('sns', 1, null))).toEqual(fine);
    expect(verdictOn(once, row('sns', 1, null), row('sns', 2, null)).duplicated).toEqual([
      'sns sns-2',
    ]);
    const doubted = [started('sns'), doubt('sns'), started('sns'), sent('sns', 2)];
    expect(verdictOn(doubted, row('sns', 1, null), row('sns', 2, null)).duplicated).toEqual([]);
  });
});

test('a chaos run reports what nobody asked for, what the read model misses and what was given up', () => {
  const problemsOf = (evidence: Partial<Evidence>) =>
    judge({
      accepted: new Set(),
      shownSettled: new Set(),
      stories: new Map(),
      ledger: [],
      ...evidence,
    }).problems;
  const inApp = story(started('inapp'), sent('inapp'));
  expect(problemsOf({ stories: new Map([['n', inApp]]) })).toEqual([
    '1 are in the log, and nobody was told of them: n',
  ]);
  expect(problemsOf({ accepted: new Set(['n']), stories: new Map([['n', inApp]]) })).toEqual([
    '1 are settled, and the read model does not show it: n',
  ]);
  const n = new Set(['n']);
  const givenUp = story(started('ses'), ['NotificationDeadLettered']);
  expect(problemsOf({ accepted: n, shownSettled: n, stories: new Map([['n', givenUp]]) })).toEqual([
    '1 were given up, and never in doubt: n',
  ]);
});
