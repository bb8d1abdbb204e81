import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { categories, channels, priorities } from '../../domain/vocabulary.ts';

/** The seed's user ids are numbers; ours are text. */
const userId = z.union([z.string(), z.int().nonnegative().transform(String)]);

const request = {
  templateName: z.string(),
  channel: z.enum(channels),
  variables: z.record(z.string(), z.unknown()).default({}),
  scheduledAt: z.string().optional(),
  localTime: z.string().optional(),
  expiresAt: z.string().optional(),
  priority: z.enum(priorities).optional(),
};

export const notificationBody = z.strictObject({ userId, ...request });
export const bulkBody = z.strictObject({ userIds: z.array(userId), ...request });

const settings = {
  title: z.string().optional(),
  templateName: z.string(),
  channel: z.enum(channels),
  scheduledAt: z.string().optional(),
  localTime: z.string().optional(),
  expiresAt: z.string().optional(),
  priority: z.enum(priorities).optional(),
};

export const broadcastBody = z.strictObject({
  ...settings,
  audience: z.union([
    z.literal('all').transform(() => ({ kind: 'all' as const })),
    z
      .strictObject({ segment: z.string() })
      .transform((of) => ({ kind: 'segment' as const, ...of })),
    z.strictObject({ listId: z.string() }).transform((of) => ({ kind: 'list' as const, ...of })),
  ]),
  variables: z.record(z.string(), z.unknown()).default({}),
});
/** Of an upload; what a row says is not to stand in a URL (facts G12). */
export const broadcastQuery = z.strictObject(settings);

const switches = z.partialRecord(z.enum(categories), z.boolean());
export const preferencesBody = z.partialRecord(z.enum(channels), switches);

const attribute = z.union([z.string(), z.number(), z.boolean()]);

export const registerUserBody = z.strictObject({
  id: userId,
  name: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  timezone: z.string().default('UTC'),
  locale: z.string().default('en'),
  attributes: z.record(z.string(), attribute).optional(),
});

export const updateUserBody = z.strictObject({
  name: z.string().nullable().optional(),
  email: z.string().nullable().optional(),
  phone: z.string().nullable().optional(),
  timezone: z.string().optional(),
  locale: z.string().optional(),
  attributes: z.record(z.string(), attribute.nullable()).optional(),
});

/** @throws DomainError BAD_INPUT naming the first field that is wrong */
export const parseBody = <S extends z.ZodType>(schema: S, body: unknown): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.');
  const field = path === '' ? 'body' : path.slice(0, 128);
  const why =
    unknown === undefined ? (issue?.message ?? 'it is not understood') : 'there is no such field';
  throw new DomainError('BAD_INPUT', `${field}: ${why}`, field);
};

/** The same refusal with its field as the REST caller wrote it. */
export const inRestWords = (error: unknown): unknown =>
  error instanceof DomainError && error.field === 'template'
    ? new DomainError(error.code, error.message, 'templateName')
    : error;
