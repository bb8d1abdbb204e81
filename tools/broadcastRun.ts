import { setTimeout as after } from 'node:timers/promises';
import type { TidingsProcess } from './tidingsProcess.ts';

/** What benchmarks and chaos runs of broadcasts share. */

const USERS_PER_UPLOAD = 10_000;

const template = {
  name: 'news',
  content: {
    category: 'TRANSACTIONAL',
    priority: 'NORMAL',
    channels: {
      email: { subject: 'News, {{userName}}', html: '<p>{{product}}</p>', text: '{{product}}' },
      inApp: { title: 'News', body: '{{product}}' },
    },
    variables: [{ name: 'product', type: 'STRING' }],
  },
};

export const userIdOf = (n: number): string => `u-${String(n).padStart(7, '0')}`;

const upload = async ({ url, token }: TidingsProcess, body: string): Promise<void> => {
  const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/api/v1/users/import`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(await response.text());
};

/** Registers users through the import and creates the template `news`. */
export const prepare = async (
  tidings: TidingsProcess,
  users: number,
  say: (line: string) => void,
): Promise<void> => {
  await tidings.run(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { cursor } }',
    { input: template },
  );
  for (let from = 0; from < users; from += USERS_PER_UPLOAD) {
    const rows = Array.from({ length: Math.min(USERS_PER_UPLOAD, users - from) }, (_, i) => {
      const userId = userIdOf(from + i);
      return JSON.stringify({ id: userId, name: 'Zoë Q.', email: `${userId}@example.com` });
    });
    await upload(tidings, rows.join('\n'));
    say(`${Math.min(from + USERS_PER_UPLOAD, users)} users`);
  }
  const question =
    '{ previewSegment(rule: { field: "locale", op: EXISTS, value: true }, sample: 0) { count } }';
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { previewSegment } = await tidings.run<{ previewSegment: { count: number } }>(
      question,
      {},
    );
    if (previewSegment.count >= users) return;
    if (Date.now() > deadline) throw new Error(`only ${previewSegment.count} users are readable`);
    await after(500);
  }
};

/** Asks for the broadcast to everybody; safe to repeat. */
export const announce = async (
  tidings: TidingsProcess,
  channel: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const input = {
    audience: { all: true },
    channel,
    template: 'news',
    variables: { product: 'Tea' },
    idempotencyKey: 'the-broadcast',
    ...options,
  };
  const { broadcast } = await tidings.run<{ broadcast: { broadcastId: string } }>(
    'mutation ($input: BroadcastInput!) { broadcast(input: $input) { broadcastId } }',
    { input },
  );
  return broadcast.broadcastId;
};

export interface Progress {
  readonly status: string;
  readonly accepted: number;
  readonly suppressed: number;
  readonly refused: number;
  readonly sent: number;
  readonly deadLettered: number;
}

export const progressOf = async (
  tidings: TidingsProcess,
  broadcastId: string,
): Promise<Progress | null> => {
  const { broadcast } = await tidings.run<{ broadcast: Progress | null }>(
    `query ($id: ID!) { broadcast(id: $id) { status accepted suppressed refused sent deadLettered } }`,
    { id: broadcastId },
  );
  return broadcast;
};
