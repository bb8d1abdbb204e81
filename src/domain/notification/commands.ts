import type { Instant } from '../vocabulary.ts';
import type { DeferralReason, DoubtResolution, NotificationEventOf, Report } from './events.ts';

/** Why a notification will never be sent: the rule, in words, and the event that forbids it. */
export interface Refusal {
  readonly ruleId: string;
  readonly reason: string;
  readonly evidence?: string;
}

/** Why a notification has to wait. */
export interface Deferral {
  readonly until: Instant;
  readonly reason: DeferralReason;
  readonly ruleId?: string;
  readonly evidence?: string;
}

type Cmd<T extends string, D extends object = object> = { readonly type: T } & Readonly<D>;

export type RequestNotification = Cmd<
  'RequestNotification',
  {
    readonly request: NotificationEventOf<'NotificationRequested'>['data'];
    readonly refusal?: Refusal;
    /** Has no meaning for what is scheduled for later: it is asked again then. */
    readonly deferral?: Deferral;
    /** It would have to wait for longer than it is good for. */
    readonly expiry?: Refusal;
    readonly at: Instant;
  }
>;

export type NotificationCommand =
  | RequestNotification
  | Cmd<
      'StartDispatch',
      {
        readonly claimId: string;
        readonly provider: string;
        readonly leaseUntil: Instant;
        /** Whether a second call of this provider can reach the recipient twice. */
        readonly repeatIsSafe: boolean;
        readonly at: Instant;
      }
    >
  | Cmd<'DeferDispatch', Deferral>
  /** The reader's clock shows the local time of the notification at another moment now. */
  | Cmd<'RescheduleNotification', { readonly until: Instant }>
  | Cmd<'SuppressNotification', { readonly refusal: Refusal }>
  | Cmd<
      'ExpireNotification',
      {
        /** The moment at which it could be sent at the earliest. */
        readonly at: Instant;
        /** What keeps it waiting until then. */
        readonly because?: Refusal;
      }
    >
  | Cmd<
      'RecordSent',
      {
        readonly attempt: number;
        readonly provider: string;
        readonly providerMessageId: string;
        readonly contentHash: string;
        readonly receiptDueAt?: Instant;
      }
    >
  | Cmd<
      'RecordFailure',
      {
        readonly attempt: number;
        readonly provider: string;
        readonly code: string;
        readonly permanent: boolean;
        /** Absent: there is no next attempt, the notification is dead-lettered. */
        readonly nextAttemptAt?: Instant;
        readonly providerRestsUntil?: Instant;
      }
    >
  | Cmd<
      'RecordUnknownOutcome',
      {
        readonly attempt: number;
        readonly provider: string;
        readonly code: string;
        readonly resolution: DoubtResolution;
        readonly settleAt: Instant;
      }
    >
  | Cmd<'GiveUp', { readonly at: Instant }>
  | Cmd<'RecordDelivered', Report>
  | Cmd<'RecordOpened', Report>
  | Cmd<'RecordClicked', Report & { readonly url?: string }>
  | Cmd<'RecordBounced', Report & { readonly permanent: boolean; readonly code?: string }>
  | Cmd<'RecordComplained', Report>
  | Cmd<'CancelNotification', { readonly by: string; readonly why: string }>
  | Cmd<'RequeueNotification', { readonly by: string; readonly why: string }>
  /** A dead letter that nobody will try again. */
  | Cmd<'DiscardDeadLetter', { readonly by: string; readonly why: string }>;
