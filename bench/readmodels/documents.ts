import type { Document } from 'mongodb';

/** Documents, as many as a read model of notifications holds, spread over tenants and states. */
export const TENANTS = 50;
export const STATES = 4;

/** The indexes of the read model beside `_id`. */
export const INDEXES = [
  { tenant: 1, status: 1, at: -1 },
  { userId: 1, at: -1 },
] as const satisfies readonly Record<string, 1 | -1>[];

export interface Notification extends Document {
  readonly _id: string;
  /** The revision that guards updates. */
  readonly v: number;
}

const filler = 'The quick brown fox jumps over the lazy dog. '.repeat(4);

export const idOf = (n: number): string => `notification-${String(n).padStart(8, '0')}`;
export const tenantOf = (n: number): string => `tenant-${n % TENANTS}`;
export const statusOf = (n: number): string => `STATUS_${Math.floor(n / TENANTS) % STATES}`;

/** A document of about 480 bytes. */
export const notification = (n: number, v: number): Notification => ({
  _id: idOf(n),
  v,
  tenant: tenantOf(n),
  userId: `user-${n % 5_000}`,
  status: statusOf(n),
  at: new Date(1_700_000_000_000 + n * 1_000),
  channel: n % 3 === 0 ? 'email' : 'sms',
  template: `template-${n % 20}`,
  priority: 'normal',
  amount: n % 1_000,
  attempts: 1 + (v % 3),
  content: { subject: `Subject of ${n}`, text: filler },
});
