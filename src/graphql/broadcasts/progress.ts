import { setTimeout as sleep } from 'node:timers/promises';
import type { Audience } from '../../domain/broadcast/events.ts';
import { DomainError, type ErrorCode } from '../../domain/errors.ts';
import type { BroadcastQueries } from '../../projections/broadcastQueries.ts';
import type { BroadcastDocument } from '../../projections/broadcasts.ts';
import type { BroadcastStatus } from '../vocabulary.ts';
import type { AudienceInput, Broadcast } from './types.ts';

/** The broadcast as the API shows it. */
export const broadcastOf = (document: BroadcastDocument): Broadcast => {
  const { _id: id, v: _, hasWork: __, startAt: ___, pages: ____, ...shown } = document;
  const { accepted, suppressed, refused, recipients } = shown;
  const processed = accepted + suppressed + refused;
  const known = recipients === undefined ? {} : { progress: share(processed, recipients) };
  return {
    ...shown,
    ...(document.status === 'completed' ? { progress: 1 } : known),
    id,
    status: statusOf(document),
    audience: audienceOf(document.audience),
    refusedByCode: Object.entries(document.refusedByCode).map(([code, count]) => ({
      code: code as ErrorCode,
      count,
    })),
  };
};

const share = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.min(1, part / whole);

export const statusOf = ({ status, startedAt, startAt }: BroadcastDocument): BroadcastStatus => {
  if (status !== 'open') return status;
  return startedAt === undefined && startAt > new Date() ? 'scheduled' : 'running';
};

const audienceOf = (audience: Audience): Broadcast['audience'] => {
  const { kind, ...of } = audience;
  return kind === 'all' ? { all: true } : of;
};

/** @throws DomainError BAD_INPUT unless it names exactly one audience */
export const audienceFrom = ({ all, segment, listId }: AudienceInput): Audience => {
  const named: readonly Audience[] = [
    ...(all ? [{ kind: 'all' as const }] : []),
    ...(segment ? [{ kind: 'segment' as const, segment }] : []),
    ...(listId ? [{ kind: 'list' as const, listId }] : []),
  ];
  const [audience] = named;
  if (audience && named.length === 1) return audience;
  const message = 'audience must be one of all, segment and listId';
  throw new DomainError('BAD_INPUT', message, 'audience');
};

const lookEveryMs = 500;
/** Nothing has changed for a while: openings and clicks may still come. */
const lookSeldomMs = 3_000;
const seldomAfter = 20;
/** What was requested a moment ago may not be in the read model yet. */
const patienceMs = 5_000;

/**
 * A broadcast as it is, and as it is after every change, at most twice a second. Whoever follows it is
 * the only one for whom it is looked at.
 *
 * @throws DomainError UNKNOWN_BROADCAST
 */
export async function* followBroadcast(
  queries: Pick<BroadcastQueries, 'byId'>,
  broadcastId: string,
): AsyncGenerator<BroadcastDocument> {
  const since = Date.now();
  let seen = -1;
  let unchanged = 0;
  for (;;) {
    const found = await queries.byId(broadcastId);
    if (!found && (seen >= 0 || Date.now() - since > patienceMs)) {
      throw new DomainError('UNKNOWN_BROADCAST', 'there is no such broadcast', 'id');
    }
    unchanged += 1;
    if (found && found.v !== seen) {
      seen = found.v;
      unchanged = 0;
      yield found;
    }
    await sleep(unchanged > seldomAfter ? lookSeldomMs : lookEveryMs);
  }
}
