import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { users } from '../../src/commands/aggregates.ts';
import type { UserCommand } from '../../src/domain/user/commands.ts';
import { preferencesToken } from '../../src/http/preferences/token.ts';
import { unsubscribeToken } from '../../src/http/unsubscribe/token.ts';
import { rest } from './client.ts';
import { readPage } from './forms.ts';
import { openShop, requestDocument, type Shop } from './shop.ts';
import { secrets } from './world.ts';

const oldSecret = 'a secret of before that only these tests know';
let shop: Shop;
beforeAll(async () => {
  const older = [{ unsubscribe: 'another one of before', preferences: oldSecret, tracking: 'old' }];
  shop = await openShop({ secrets: { ...secrets, older } });
  const receipt = {
    category: 'TRANSACTIONAL',
    required: true,
    channels: { email: { subject: 'Receipt', text: 'Receipt' }, inApp: { title: 'R', body: 'R' } },
  };
  const code = {
    category: 'SYSTEM',
    purpose: 'SECURITY',
    channels: { inApp: receipt.channels.inApp },
  };
  const { errors } = await shop.ask(
    `mutation ($receipt: TemplateContentInput!, $code: TemplateContentInput!) {
      a: createTemplate(input: { name: "receipt", content: $receipt }) { cursor }
      b: createTemplate(input: { name: "sign-in_code", content: $code }) { cursor }
      c: createTemplate(input: { name: "secret-club", content: $receipt }) { cursor }
    }`,
    { receipt, code },
  );
  expect(errors).toBeUndefined();
});
afterAll(() => shop.api.close());

const pathOf = (userId: string, secret = secrets.preferences) =>
  `/preferences/${preferencesToken(userId, secret)}`;

/** Somebody with an email address, who got something of these templates. */
const reader = async (userId: string, ...templates: readonly string[]): Promise<string> => {
  await shop.ask(
    'mutation ($id: ID!) { registerUser(input: { id: $id, email: "reader@example.org" }) { cursor } }',
    { id: userId },
  );
  for (const template of templates) {
    const variables = template === 'welcome' ? { name: 'Reader' } : {};
    const input = { userId, channel: 'IN_APP', template, variables };
    const { data } = await shop.ask(requestDocument, { input });
    expect(data).toMatchObject({ requestNotification: { __typename: 'NotificationAccepted' } });
  }
  return pathOf(userId);
};

const open = async (path: string) => {
  const { status, headers, body } = await rest(shop.url, 'GET', path);
  return { status, headers, body: String(body), ...readPage(String(body)) };
};
type Opened = Awaited<ReturnType<typeof open>>;

const post = async (path: string, fields: readonly (readonly [string, string])[]) => {
  const body = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value]));
  const response = await fetch(`${shop.url}${path}`, { method: 'POST', redirect: 'error', body });
  const text = await response.text();
  return { status: response.status, body: text, ...readPage(text) };
};

/** Turns boxes and presses the button, as a browser does. */
const turn = (
  path: string,
  page: Pick<Opened, 'forms' | 'boxes'>,
  ...labels: readonly string[]
) => {
  const form = page.forms.find(({ buttons }) => buttons.some(([, value]) => value === 'save'));
  const values = labels.map((label) => boxIn(page, label).value);
  const before = form?.fields ?? [];
  const on = before.filter(([name, value]) => name === 'on' && values.includes(value));
  const others = before.filter((field) => !on.includes(field));
  const added = values
    .filter((value) => !on.some(([, was]) => was === value))
    .map((value) => ['on', value] as const);
  return post(path, [...others, ...added, ['do', 'save']]);
};

const press = (path: string, page: Pick<Opened, 'forms'>, button: string, to?: string) => {
  const form = page.forms.find(
    ({ buttons, fields }) =>
      buttons.some(([, value]) => value === button) &&
      (to === undefined || fields.some(([, value]) => value === to)),
  );
  if (!form) throw new Error(`there is no button ${button}`);
  return post(path, [...form.fields, ['do', button]]);
};

const boxIn = ({ boxes }: Pick<Opened, 'boxes'>, label: string) => {
  const found = boxes.find((box) => box.label.startsWith(label));
  if (!found) throw new Error(`there is no box ${label}`);
  return found;
};

const news = 'Offers and news, by email';
const eventsSince = (before: number) =>
  shop.log.slice(before).map(({ type, stream, data }) => ({ type, stream, data }));

describe('the preference page', () => {
  test('shows kinds and the topics of its reader, over the channels that reach them', async () => {
    const path = await reader('r-shows', 'welcome', 'receipt');
    const page = await open(path);
    expect(page.status).toBe(200);
    expect(page.boxes.map(({ label, checked, disabled }) => [label, checked, disabled])).toEqual([
      ['About what you do or order, by email', true, false],
      ['About what you do or order, in your inbox', true, false],
      ['Offers and news, by email', true, false],
      ['Offers and news, in your inbox', true, false],
      ['About your account and the service, by email', true, false],
      ['About your account and the service, in your inbox', true, false],
      ['Receipt, by email, always sent', true, true],
      ['Receipt, in your inbox, always sent', true, true],
      ['Welcome, by email', true, false],
      ['Welcome, in your inbox', true, false],
    ]);
    expect(page.body).not.toMatch(/secret.club|reader@example\.org/i);
  });

  test('needs no script, no login and nothing from elsewhere, and names its parts', async () => {
    const page = await open(await reader('r-plain', 'welcome'));
    expect(page.elements).not.toContain('script');
    expect(page.body).not.toMatch(/https?:|src=|onclick/);
    expect(page.body).toMatch(
      /<html lang="en">.*<main>.*<caption>.*<th scope="col">.*<th scope="row">/s,
    );
    expect(page.headers.get('set-cookie')).toBeNull();
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test.each(['GET', 'HEAD'])('that is looked at by %s changes nothing', async (method) => {
    const path = await reader(`r-look-${method}`);
    const before = shop.log.length;
    expect((await rest(shop.url, method, path)).status).toBe(200);
    expect(shop.log).toHaveLength(before);
  });

  test('switches a kind off and on, and says what it did', async () => {
    const path = await reader('r-kind');
    const first = await open(path);
    const before = shop.log.length;
    const off = await turn(path, first, news);
    expect(off.body).toContain('<p role="status">Saved.');
    expect(boxIn(off, news).checked).toBe(false);
    const again = await turn(path, first, news);
    expect(again.body).toContain('Nothing was changed.');
    expect(boxIn(await turn(path, off, news), news).checked).toBe(true);
    const change = (enabled: boolean) => ({
      type: 'PreferencesUpdated',
      stream: 'user-r-kind',
      data: {
        changes: [{ channel: 'email', category: 'marketing', enabled }],
        source: 'preference page',
      },
    });
    expect(eventsSince(before)).toEqual([change(false), change(true)]);
    expect(shop.log.at(-1)?.metadata.actor).toBe('user:r-kind');
  });

  test('switches a topic off over one channel', async () => {
    const path = await reader('r-topic', 'welcome');
    const before = shop.log.length;
    const page = await turn(path, await open(path), 'Welcome, in your inbox');
    expect(boxIn(page, 'Welcome, in your inbox').checked).toBe(false);
    expect(boxIn(page, 'Welcome, by email').checked).toBe(true);
    expect(eventsSince(before)).toMatchObject([
      {
        type: 'TopicPreferencesUpdated',
        data: { changes: [{ topic: 'welcome', channel: 'in_app', enabled: false }] },
      },
    ]);
  });

  test('that was left open undoes nothing that was chosen elsewhere', async () => {
    const path = await reader('r-stale');
    const stale = await open(path);
    await turn(path, await open(path), news);
    const page = await turn(path, stale, 'Offers and news, in your inbox');
    expect(boxIn(page, news).checked).toBe(false);
    expect(boxIn(page, 'Offers and news, in your inbox').checked).toBe(false);
  });

  test('unsubscribes from everything, and subscribes again', async () => {
    const path = await reader('r-all', 'welcome', 'receipt', 'sign-in_code');
    const before = shop.log.length;
    const left = await press(path, await open(path), 'unsubscribe');
    const states = new Set(
      left.boxes.map(({ label, checked, disabled }) =>
        label.startsWith('Receipt') || label.startsWith('Sign in code')
          ? ['stays', checked].join(' ')
          : [checked, disabled].join(' '),
      ),
    );
    expect(states).toEqual(new Set(['false true', 'stays true']));
    expect(left.forms.flatMap(({ buttons }) => buttons)).not.toContainEqual(['do', 'unsubscribe']);
    const back = await press(path, left, 'resubscribe');
    expect(boxIn(back, news)).toMatchObject({ checked: true, disabled: false });
    expect(eventsSince(before)).toEqual([
      {
        type: 'Unsubscribed',
        stream: 'user-r-all',
        data: { scope: 'all', source: 'preference page' },
      },
      {
        type: 'Resubscribed',
        stream: 'user-r-all',
        data: { scope: 'all', source: 'preference page' },
      },
    ]);
  });

  test('subscribes again to a category and a channel that were left as a whole', async () => {
    const path = await reader('r-walls');
    const leave = (from: string) =>
      fetch(
        `${shop.url}/unsubscribe/${unsubscribeToken('r-walls', 'email', 'marketing', secrets.unsubscribe)}`,
        { method: 'POST', body: new URLSearchParams({ from }) },
      );
    await leave('category');
    await leave('channel');
    const page = await open(path);
    expect(boxIn(page, news)).toMatchObject({ checked: false, disabled: true });
    const halfway = await press(path, page, 'resubscribe', 'marketing');
    expect(boxIn(halfway, 'Offers and news, in your inbox').disabled).toBe(false);
    expect(boxIn(halfway, news).disabled).toBe(true);
    const whole = await press(path, halfway, 'resubscribe', 'email');
    expect(boxIn(whole, news)).toMatchObject({ checked: true, disabled: false });
  });

  test('brings back by its switch what one click unsubscribed from', async () => {
    const path = await reader('r-click');
    const token = unsubscribeToken('r-click', 'email', 'marketing', secrets.unsubscribe);
    await fetch(`${shop.url}/unsubscribe/${token}`, { method: 'POST' });
    const page = await open(path);
    expect(boxIn(page, news)).toMatchObject({ checked: false, disabled: false });
    expect(boxIn(await turn(path, page, news), news).checked).toBe(true);
    expect(shop.log.at(-1)).toMatchObject({ type: 'Resubscribed', data: { scope: 'kind' } });
  });

  test('shows a channel that was stopped by STOP, which only START brings back', async () => {
    const path = await reader('r-stop');
    const commands: readonly UserCommand[] = [
      { type: 'UpdateUser', changes: { phone: '+4915112345678' } },
      { type: 'StopChannel', channel: 'sms', source: 'text message' },
    ];
    await shop.execute(users, 'r-stop', commands, { actor: 'test', correlationId: 'c' });
    const page = await open(path);
    expect(boxIn(page, 'Offers and news, by text message')).toMatchObject({
      checked: false,
      disabled: true,
    });
    expect(page.body).toContain('You said STOP to messages by text message.');
  });
});

describe('a form that the page did not make', () => {
  test('never switches off what is required', async () => {
    const path = await reader('f-required', 'receipt');
    const before = shop.log.length;
    const page = await post(path, [
      ['was', 'topic:receipt:email=on'],
      ['do', 'save'],
    ]);
    expect(page.status).toBe(409);
    expect(page.body).toContain('Nothing was changed; look again');
    expect(shop.log).toHaveLength(before);
  });

  test.each([
    ['says nothing', ''],
    ['says something unknown', 'do=everything'],
    ['subscribes to nothing that there is', 'do=resubscribe&to=nowhere'],
  ])('and that %s is refused and changes nothing', async (_what, body) => {
    const path = await reader('f-odd');
    const before = shop.log.length;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await rest(shop.url, 'POST', path, undefined, body || ' ', headers);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('This form is not complete.');
    expect(shop.log).toHaveLength(before);
  });

  test('and names switches that the reader does not have changes nothing', async () => {
    const path = await reader('f-unknown');
    const before = shop.log.length;
    const page = await post(path, [
      ['was', 'topic:secret-club:email=on'],
      ['was', 'marketing:sms=on'],
      ['on', '__proto__'],
      ['do', 'save'],
    ]);
    expect(page.status).toBe(200);
    expect(shop.log).toHaveLength(before);
  });

  test.each([
    ['of another type', 'application/json', '{}', 400],
    ['of 100 KB', 'application/x-www-form-urlencoded', `do=${'x'.repeat(100_000)}`, 413],
  ])('and is %s is refused', async (_what, type, body, status) => {
    const path = await reader('f-type');
    const headers = { 'content-type': type };
    expect((await rest(shop.url, 'POST', path, undefined, body, headers)).status).toBe(status);
  });
});

describe('a link to the preference page', () => {
  test('of a secret of before still leads there', async () => {
    await reader('l-old');
    expect((await open(pathOf('l-old', oldSecret))).status).toBe(200);
  });

  test.each([
    ['cut', () => pathOf('ada').slice(0, -1)],
    ['made up', () => '/preferences/AAAA'],
    ['signed by somebody else', () => pathOf('ada', 'another secret')],
    [
      'an unsubscribe link',
      () => `/preferences/${unsubscribeToken('ada', 'email', 'marketing', secrets.unsubscribe)}`,
    ],
    ['one for somebody else', () => pathOf('ada').replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'))],
  ])('that is %s answers 404, whoever asks, and says nothing else', async (_what, pathIn) => {
    const before = shop.log.length;
    const known = await rest(shop.url, 'GET', '/preferences/AAAA');
    const got = await rest(shop.url, 'GET', pathIn());
    const posted = await post(pathIn(), [['do', 'unsubscribe']]);
    expect([got.status, posted.status]).toEqual([404, 404]);
    expect([got.body, posted.body]).toEqual([known.body, known.body]);
    expect(shop.log).toHaveLength(before);
  });

  test('of somebody who is gone shows that nothing comes', async () => {
    const before = shop.log.length;
    expect((await open(pathOf('gone'))).body).toContain('You get no messages from us.');
    const { status, body } = await post(pathOf('gone'), [['do', 'unsubscribe']]);
    expect(status).toBe(200);
    expect(body).toContain('You get no messages from us.');
    expect(shop.log).toHaveLength(before);
  });

  test('and what is behind it never appear in the log lines of the server', async () => {
    const path = await reader('l-quiet', 'welcome');
    const page = await open(path);
    shop.breakStore(new Error('broken'));
    const { status } = await turn(path, page, news);
    shop.breakStore(undefined);
    expect(status).toBe(500);
    const lines = shop.lines.join('');
    expect(lines).toContain('/preferences/:token');
    expect(lines).not.toMatch(/l-quiet|reader@example\.org|marketing/);
    expect(lines).not.toContain(path.slice(-20));
  });
});
