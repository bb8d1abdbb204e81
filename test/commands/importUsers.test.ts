import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { createImportUsers, type ImportReport } from '../../src/commands/importUsers.ts';
import { userRowsOf } from '../../src/commands/userRows.ts';
import { context, openCommands } from './world.ts';

let world: Awaited<ReturnType<typeof openCommands>>;
beforeAll(async () => {
  world = await openCommands();
});
afterAll(() => world.close());

const importing = async (lines: readonly object[]) => {
  const reports: ImportReport[] = [];
  const importUsers = createImportUsers({
    execute: world.process().execute,
    readUsers: () => Promise.resolve(new Map()),
    prepare: async (ids) => {
      await world.keys.keysFor(ids);
    },
  });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`);
  const rows = userRowsOf('ndjson', Readable.from(text.map((one) => Buffer.from(one))));
  const report = await importUsers(rows, context, (so) => reports.push(so));
  return { report, reports };
};

const none = { registered: 0, updated: 0, unchanged: 0, refused: 0, problems: [] };

test('a list registers, updates, and changes nothing when it comes again', async () => {
  const list = Array.from({ length: 1_200 }, (_, index) => ({
    id: `u${index}`,
    email: `u${index}@example.org`,
    timezone: 'Europe/Oslo',
    attributes: { plan: index % 2 === 0 ? 'free' : 'pro' },
  }));
  const first = await importing(list);
  expect(first.report).toEqual({ ...none, rows: 1_200, registered: 1_200 });
  expect(first.reports.map(({ rows }) => rows)).toEqual([500, 1_000, 1_200]);
  expect((await importing(list)).report).toEqual({ ...none, rows: 1_200, unchanged: 1_200 });
  expect(await world.typesIn('user-u7')).toEqual(['UserRegistered']);

  const changed = [{ id: 'u7', attributes: { plan: null } }, { id: 'u8' }];
  expect((await importing(changed)).report).toEqual({ ...none, rows: 2, updated: 1, unchanged: 1 });
  expect(await world.typesIn('user-u7')).toEqual(['UserRegistered', 'UserUpdated']);
});

test('what is wrong is named and left out; who comes twice is registered and updated', async () => {
  const { report } = await importing([
    { id: 'twice', name: 'One' },
    { id: 'eve@example.org' },
    { id: 'twice', name: 'Two' },
    { id: 'late', locale: '?' },
  ]);
  expect(report).toMatchObject({ rows: 4, registered: 1, updated: 1, refused: 2 });
  expect(report.problems.map(({ line, field }) => [line, field])).toEqual([
    [2, 'id'],
    [4, 'locale'],
  ]);
});

test('preferences and consents come with the user, in one append and once', async () => {
  const kind = { channel: 'email', category: 'marketing' };
  const at = '2026-05-01T10:00:00.000Z';
  const consent = { ...kind, given: true, wording: 'News, please', source: 'form', at };
  const list = [{ id: 'wish', preferences: [{ ...kind, enabled: false }], consents: [consent] }];
  expect((await importing(list)).report).toEqual({ ...none, rows: 1, registered: 1 });
  expect((await importing(list)).report).toEqual({ ...none, rows: 1, unchanged: 1 });
  const types = ['UserRegistered', 'PreferencesUpdated', 'ConsentRecorded'];
  expect(await world.typesIn('user-wish')).toEqual(types);
});
