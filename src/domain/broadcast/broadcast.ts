import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { Instant } from '../vocabulary.ts';
import type { BroadcastEvent, BroadcastRequest, RecipientRefusal } from './events.ts';

interface Known {
  readonly request: BroadcastRequest;
  /** Who expands it; empty before anybody does. */
  readonly holder: string;
  readonly pages: number;
  /** The last recipient that was asked for. */
  readonly cursor?: string;
}

export type BroadcastState =
  | { readonly status: 'none' }
  | (Known & { readonly status: 'open' })
  | (Known & { readonly status: 'paused' })
  | (Known & { readonly status: 'completed' })
  | (Known & { readonly status: 'cancelled'; readonly finished: boolean });

export type KnownBroadcast = Exclude<BroadcastState, { status: 'none' }>;

const evolve = (state: BroadcastState, event: BroadcastEvent): BroadcastState => {
  if (event.type === 'BroadcastRequested') {
    return { status: 'open', request: event.data, holder: '', pages: 0 };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'BroadcastTakenUp':
      return { ...state, holder: event.data.holder };
    case 'BroadcastPageExpanded':
      return { ...state, pages: event.data.page, cursor: event.data.cursor };
    case 'BroadcastPaused':
      return { ...state, status: 'paused' };
    case 'BroadcastResumed':
      return { ...state, status: 'open' };
    case 'BroadcastCompleted':
      return { ...state, status: 'completed' };
    case 'BroadcastCancelled':
      return { ...state, status: 'cancelled', finished: false };
    case 'BroadcastCancellationFinished':
      return { ...state, status: 'cancelled', finished: true };
    default:
      return state;
  }
};

export type BroadcastCommand =
  | {
      readonly type: 'RequestBroadcast';
      readonly request: BroadcastRequest;
      readonly refusals: readonly RecipientRefusal[];
    }
  /** Makes the holder the only one whose pages count; `recipients` is how many there seem to be. */
  | { readonly type: 'TakeUpBroadcast'; readonly holder: string; readonly recipients: number }
  | {
      readonly type: 'RecordPage';
      readonly holder: string;
      /** The cursor that the page began after; absent for the first. */
      readonly after?: string;
      /** Of the page's last recipient; absent for a page without any. */
      readonly cursor?: string;
      readonly accepted: number;
      readonly suppressed: number;
      readonly refusals: readonly RecipientRefusal[];
      /** Nobody comes after it. */
      readonly isLast: boolean;
    }
  | { readonly type: 'ExpireBroadcast'; readonly at: Instant }
  | { readonly type: 'PauseBroadcast'; readonly by: string; readonly why: string }
  | { readonly type: 'ResumeBroadcast'; readonly by: string }
  | { readonly type: 'CancelBroadcast'; readonly by: string; readonly why: string }
  | { readonly type: 'FinishCancellation'; readonly cancelled: number };

const decide = (command: BroadcastCommand, state: BroadcastState): readonly BroadcastEvent[] => {
  if (command.type === 'RequestBroadcast') return request(command, state);
  if (state.status === 'none') {
    throw new DomainError('UNKNOWN_BROADCAST', 'there is no such broadcast', 'id');
  }
  switch (command.type) {
    case 'TakeUpBroadcast': {
      if (state.status !== 'open' || state.holder === command.holder) return [];
      const { holder, recipients } = command;
      return [{ type: 'BroadcastTakenUp', data: { holder, recipients } }];
    }
    case 'RecordPage':
      return recordPage(command, state);
    case 'ExpireBroadcast': {
      const { expiresAt } = state.request;
      const waits = state.status === 'open' || state.status === 'paused';
      return waits && expiresAt !== undefined && expiresAt <= command.at
        ? [{ type: 'BroadcastCompleted', data: { expired: true } }]
        : [];
    }
    case 'PauseBroadcast': {
      if (state.status === 'paused') return [];
      if (state.status !== 'open') throw ended();
      return [{ type: 'BroadcastPaused', data: { by: command.by, why: command.why } }];
    }
    case 'ResumeBroadcast': {
      if (state.status === 'open') return [];
      if (state.status !== 'paused') throw ended();
      return [{ type: 'BroadcastResumed', data: { by: command.by } }];
    }
    case 'CancelBroadcast':
      // Also when everybody was asked for: what is not sent yet is not to be sent.
      return state.status === 'cancelled'
        ? []
        : [{ type: 'BroadcastCancelled', data: { by: command.by, why: command.why } }];
    case 'FinishCancellation': {
      const { cancelled } = command;
      return state.status === 'cancelled' && !state.finished
        ? [{ type: 'BroadcastCancellationFinished', data: { cancelled } }]
        : [];
    }
  }
};

const request = (
  { request: data, refusals }: Extract<BroadcastCommand, { type: 'RequestBroadcast' }>,
  state: BroadcastState,
): readonly BroadcastEvent[] => {
  if (state.status !== 'none') {
    if (state.request.fingerprint === data.fingerprint) return [];
    throw new DomainError(
      'IDEMPOTENCY_KEY_REUSED',
      'this idempotency key was used for a different broadcast',
      'idempotencyKey',
    );
  }
  const requested: BroadcastEvent = { type: 'BroadcastRequested', data };
  return refusals.length === 0
    ? [requested]
    : [requested, { type: 'BroadcastLinesRefused', data: { refusals } }];
};

/** A page whose notifications are in the log is recorded also when the broadcast was stopped meanwhile. */
const recordPage = (
  command: Extract<BroadcastCommand, { type: 'RecordPage' }>,
  state: KnownBroadcast,
): readonly BroadcastEvent[] => {
  if (state.holder !== command.holder) {
    throw new DomainError('CONFLICT', 'another process expands this broadcast');
  }
  if (state.cursor !== command.after || state.status === 'completed') return [];
  const { holder, cursor, accepted, suppressed, refusals, isLast } = command;
  const page = state.pages + 1;
  const expanded: readonly BroadcastEvent[] =
    cursor === undefined || cursor === command.after
      ? []
      : [
          {
            type: 'BroadcastPageExpanded',
            data: { holder, page, cursor, accepted, suppressed, refusals },
          },
        ];
  return isLast && state.status !== 'cancelled'
    ? [...expanded, { type: 'BroadcastCompleted', data: { expired: false } }]
    : expanded;
};

const ended = (): DomainError => new DomainError('BROADCAST_ENDED', 'the broadcast is over', 'id');

/** One template to many users over one channel. */
export const broadcast: Decider<BroadcastState, BroadcastCommand, BroadcastEvent> = {
  initialState: { status: 'none' },
  decide,
  evolve,
};
