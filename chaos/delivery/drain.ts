import { setTimeout as after } from 'node:timers/promises';
import type { TidingsProcess } from '../../tools/tidingsProcess.ts';

const IDS_PER_QUERY = 40;
const LOOK_EVERY_MS = 500;
const SAY_EVERY_MS = 10_000;

const settled: ReadonlySet<string> = new Set([
  'SENT',
  'DELIVERED',
  'BOUNCED',
  'SUPPRESSED',
  'CANCELLED',
  'EXPIRED',
  'DEAD_LETTERED',
]);

/** Waits until the read model shows every notification as sent or over; resolves with those that it shows so. */
export const drain = async (
  tidings: TidingsProcess,
  ids: ReadonlySet<string>,
  patienceMs: number,
  say: (line: string) => void,
): Promise<ReadonlySet<string>> => {
  const done = new Set<string>();
  const open = new Set(ids);
  const deadline = performance.now() + patienceMs;
  let saidAt = performance.now();
  for (;;) {
    const asked = [...open];
    for (let from = 0; from < asked.length; from += IDS_PER_QUERY) {
      const some = asked.slice(from, from + IDS_PER_QUERY);
      const fields = some.map((id, n) => `n${n}: notification(id: "${id}") { status }`).join(' ');
      const shown = await tidings.run<Record<string, { status: string } | null>>(
        `{ ${fields} }`,
        {},
      );
      for (const [n, id] of some.entries()) {
        if (!settled.has(shown[`n${n}`]?.status ?? '')) continue;
        open.delete(id);
        done.add(id);
      }
    }
    if (open.size === 0 || performance.now() > deadline) return done;
    if (performance.now() > saidAt + SAY_EVERY_MS) {
      saidAt = performance.now();
      say(`${open.size} are not settled yet, ${[...open].slice(0, 2).join(', ')} among them`);
    }
    await after(LOOK_EVERY_MS);
  }
};
