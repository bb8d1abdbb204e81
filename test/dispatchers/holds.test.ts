import { describe, expect, test } from '@jest/globals';
import { holdFor, type HoldQuestion } from '../../src/dispatchers/holds.ts';
import { defaultRules } from '../../src/domain/policy/rules.ts';
import { ada } from '../domain/policy/people.ts';
import { example, without } from '../support/examples.ts';

const request = without(example('NotificationRequested'), 'scheduledAt', 'localTime').data;
const at = '2027-03-01T12:00:00.000Z';
const asked = (changes: Partial<HoldQuestion> = {}): HoldQuestion => ({
  request,
  recipient: { user: ada },
  content: undefined,
  rules: defaultRules,
  at,
  ...changes,
});

describe('right before a provider is called', () => {
  test('nothing holds back what may be sent', () => {
    expect(holdFor(asked())).toBeUndefined();
  });

  test.each([
    [
      'the user has unsubscribed since',
      { unsubscribed: { all: true, channels: [], categories: [] } },
    ],
    ['the user has said STOP since', { stopped: ['email'] }],
    ['the user has opted out since', { preferences: { 'topic:welcome': false } }],
    ['the user has been erased since', { erased: true }],
    ['the user has taken a consent back since', { consents: { 'transactional:email': no() } }],
  ] as const)('%s: it is suppressed', (_what, change) => {
    const recipient = { user: { ...ada, ...change } };
    expect(holdFor(asked({ recipient }))).toMatchObject({ type: 'SuppressNotification' });
  });

  test('the address has been suppressed since: the event that says so is the evidence', () => {
    const suppressed = {
      scope: 'all',
      reason: 'hard bounce',
      evidence: 'suppression-x@0',
    } as const;
    expect(holdFor(asked({ recipient: { user: ada, suppressed } }))).toMatchObject({
      type: 'SuppressNotification',
      refusal: { ruleId: 'address-suppressed', evidence: 'suppression-x@0' },
    });
  });

  test('quiet hours have begun: it waits, unless it can not', () => {
    const quietHours = { windows: [{ days: [1], from: '12:00', to: '20:00' }] };
    const recipient = { user: { ...ada, quietHours } };
    const wait = {
      type: 'DeferDispatch',
      until: '2027-03-01T19:00:00.000Z',
      ruleId: 'quiet-hours',
    };
    expect(holdFor(asked({ recipient }))).toMatchObject(wait);
    const { category, priority } = request;
    const content = {
      category,
      priority,
      purpose: 'security',
      channels: {},
      variables: [],
    } as const;
    expect(holdFor(asked({ recipient, content }))).toBeUndefined();
  });

  test('it has expired', () => {
    const late = asked({ at: '2027-03-02T09:00:00.000Z' });
    expect(holdFor(late)).toMatchObject({ type: 'ExpireNotification' });
  });

  test('the user is gone', () => {
    expect(holdFor(asked({ recipient: undefined }))).toMatchObject({
      type: 'SuppressNotification',
      refusal: { ruleId: 'user-unknown' },
    });
  });
});

describe('a message for a local time', () => {
  const local = { ...request, localTime: '2027-03-01T13:00' };
  const living = (timezone: string) => ({
    user: { ...ada, profile: { ...ada.profile, timezone } },
  });

  test('is sent when the clock of its reader shows it', () => {
    expect(holdFor(asked({ request: local }))).toBeUndefined();
  });

  test('waits once more for a reader who has moved west', () => {
    const recipient = living('America/New_York');
    expect(holdFor(asked({ request: local, recipient }))).toEqual({
      type: 'DeferDispatch',
      until: '2027-03-01T18:00:00.000Z',
      reason: 'scheduled',
    });
  });

  test('is suppressed all the same when it may not be sent at all', () => {
    const recipient = { user: { ...living('America/New_York').user, stopped: ['email'] as const } };
    expect(holdFor(asked({ request: local, recipient }))).toMatchObject({
      type: 'SuppressNotification',
    });
  });
});

function no() {
  return { given: false, wording: 'No', source: 'phone', at } as const;
}
