import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defaultRules, type Kind, type PolicyRules } from './domain/policy/rules.ts';
import { categories, channels } from './domain/vocabulary.ts';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 09:00');
const kinds = categories.flatMap((category) =>
  channels.map((channel): Kind => `${category}:${channel}`),
);
const rate = {
  most: z.number().int().min(1).max(10_000_000),
  perSeconds: z
    .number()
    .min(1)
    .max(31 * 86_400),
};

const jurisdiction = z.strictObject({
  regions: z
    .array(z.string().regex(/^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?)$/, 'must be *, DE or US-TX'))
    .min(1),
  consentFor: z.array(z.enum(kinds)),
  marketingHours: z.array(
    z.strictObject({
      since: z.iso.date(),
      channels: z.array(z.enum(channels)),
      open: z.array(
        z.strictObject({
          days: z.array(z.number().int().min(1).max(7)).min(1),
          from: time,
          to: time,
        }),
      ),
    }),
  ),
  trackingWithoutConsent: z.boolean().exactOptional(),
});

const userLimit = z.strictObject({
  channel: z.enum(channels),
  category: z.enum(categories).exactOptional(),
  ...rate,
});

const policy = z.strictObject({
  jurisdictions: z.array(jurisdiction).optional(),
  limits: z.array(userLimit).optional(),
  providers: z.record(z.string(), z.strictObject(rate)).optional(),
});

/**
 * The rules of `TIDINGS_POLICY`: JSON, or the path of a file that holds it. What it doesn't name stays as
 * `defaultRules` has it.
 *
 * @throws Error that names what is wrong
 */
export const readPolicy = (setting: string | undefined): PolicyRules => {
  if (setting === undefined) return defaultRules;
  const text = setting.trimStart().startsWith('{') ? setting : readFileSync(setting, 'utf8');
  const parsed = policy.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new Error(problems.join('; '));
  }
  const { jurisdictions, limits, providers } = parsed.data;
  return {
    jurisdictions: jurisdictions ?? defaultRules.jurisdictions,
    limits: limits ?? defaultRules.limits,
    providers: providers ?? defaultRules.providers,
  };
};
