/** The words that every part of Tidings shares. Their values are stored in events: add, never rename. */

export const channels = ['email', 'sms', 'push', 'in_app'] as const;
export type Channel = (typeof channels)[number];

/** What a message is for; a property of the template version (facts L1). */
export const categories = ['transactional', 'marketing', 'system'] as const;
export type Category = (typeof categories)[number];

/** Lowest first. Of two notifications that wait, the higher one is dispatched first. */
export const priorities = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof priorities)[number];

export type Scalar = string | number | boolean;

/** A value that a caller may pass into a template: JSON; its schema says what is allowed. */
export type VariableValue =
  Scalar | null | readonly VariableValue[] | { readonly [name: string]: VariableValue };
export type Variables = Readonly<Record<string, VariableValue>>;

/** An instant in ISO 8601, UTC, as `Date.prototype.toISOString` prints it. */
export type Instant = string;
