import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { Consent, Preference } from '../domain/user/events.ts';
import { categories, channels, type Category, type Channel } from '../domain/vocabulary.ts';
import { checkConsent } from './wishInput.ts';

/** What a line of a list says that a user wants and has agreed to. */
export interface RowWishes {
  readonly preferences?: readonly Preference[];
  readonly consents?: readonly RowConsent[];
}

export type RowConsent = Consent & { readonly channel: Channel; readonly category: Category };

const instant = z.iso.datetime({ offset: true }).transform((at) => new Date(at).toISOString());
const kind = { channel: z.enum(channels), category: z.enum(categories) };

/** The fields of a line; at most one entry for each channel and category. */
export const wishFields = {
  preferences: z
    .array(z.strictObject({ ...kind, enabled: z.boolean() }))
    .max(64)
    .optional(),
  consents: z
    .array(
      z.strictObject({
        ...kind,
        given: z.boolean(),
        wording: z.string(),
        source: z.string(),
        at: instant,
        evidence: z.string().optional(),
        expiresAt: instant.optional(),
        tracking: z.boolean().optional(),
      }),
    )
    .max(64)
    .optional(),
};

/** @throws DomainError BAD_INPUT naming the field */
export const checkWishes = ({ preferences = [], consents = [] }: RowWishes): void => {
  checkOnce('preferences', preferences);
  checkOnce('consents', consents);
  for (const [index, consent] of consents.entries()) {
    try {
      checkConsent(consent);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const field = `consents.${index}.${error.field ?? ''}`;
      throw new DomainError(error.code, error.message, field);
    }
  }
};

const checkOnce = (
  field: string,
  entries: readonly { readonly channel: Channel; readonly category: Category }[],
): void => {
  const kinds = entries.map(({ channel, category }) => `${category}:${channel}`);
  const twice = kinds.findIndex((one, index) => kinds.indexOf(one) !== index);
  if (twice < 0) return;
  const message = `${field} name the same channel and category twice`;
  throw new DomainError('BAD_INPUT', message, `${field}.${twice}`);
};

/**
 * The wishes in the cells of a CSV line, taken out of them: `preferences.marketing.email` is true or false,
 * `consents.marketing.email.given` and `.tracking` too, beside `.wording`, `.source`, `.at`, `.evidence` and
 * `.expiresAt`.
 */
export const wishesIn = (
  cells: readonly (readonly [column: string, value: string])[],
): { readonly rest: typeof cells; readonly wishes: Readonly<Record<string, unknown>> } => {
  const preferences: object[] = [];
  const consents = new Map<string, Record<string, unknown>>();
  const rest = cells.filter(([column, value]) => {
    const [what, category = '', channel = '', field, ...more] = column.split('.');
    if (what === 'preferences' && channel !== '' && field === undefined) {
      preferences.push({ channel, category, enabled: answerIn(column, value) });
      return false;
    }
    if (what !== 'consents' || field === undefined || more.length > 0) return true;
    const key = `${category}.${channel}`;
    const consent = consents.get(key) ?? { channel, category };
    consents.set(key, {
      ...consent,
      [field]: answers.has(field) ? answerIn(column, value) : value,
    });
    return false;
  });
  const wishes = {
    ...(preferences.length > 0 && { preferences }),
    ...(consents.size > 0 && { consents: [...consents.values()] }),
  };
  return { rest, wishes };
};

const answers = new Set(['given', 'tracking']);

const answerIn = (column: string, value: string): boolean => {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new DomainError('BAD_INPUT', `${column} must be true or false`, column);
};
