import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Execute } from '../../src/commands/execute.ts';
import { createImportUsers } from '../../src/commands/importUsers.ts';
import type { InboundTextState } from '../../src/domain/inbound/inboundText.ts';
import { inboundTexts } from '../../src/commands/aggregates.ts';
import { createInboundTextCommands } from '../../src/commands/inboundText.ts';
import { createNotificationCommands } from '../../src/commands/notifications.ts';
import type { LoadState } from '../../src/commands/executor.ts';
import { createLayoutCommands } from '../../src/commands/layouts.ts';
import { createRequestNotifications } from '../../src/commands/requestNotifications.ts';
import { createSuppressionCommands } from '../../src/commands/suppressions.ts';
import { createSegmentCommands } from '../../src/commands/segments.ts';
import { createTemplateCommands } from '../../src/commands/templates/commands.ts';
import { createMjmlCompiler } from '../../src/commands/templates/mjml.ts';
import { templatePorts } from '../../src/commands/templates/ports.ts';
import { createPreview } from '../../src/commands/templates/preview.ts';
import { createUserCommands } from '../../src/commands/users.ts';
import { type Event, fold } from '../../src/domain/decider.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { defaultRules } from '../../src/domain/policy/rules.ts';
import type { RegisteredUser } from '../../src/domain/user/state.ts';
import { cursorOf, type Recorded } from '../../src/eventstore/event.ts';
import { type Principal, signToken } from '../../src/http/auth.ts';
import { type Api, type ApiDependencies, createApi } from '../../src/http/server.ts';
import { type NotificationPlace } from '../../src/projections/notificationQueries.ts';
import {
  type NotificationDocument,
  notificationsProjection,
} from '../../src/projections/notifications.ts';
import { type LayoutDocument, layoutsProjection } from '../../src/projections/layouts.ts';
import type { Projection, ReadModel } from '../../src/projections/projection.ts';
import {
  type SuppressionDocument,
  suppressionsProjection,
} from '../../src/projections/suppressions.ts';
import {
  type UnclearTextDocument,
  unclearTextsProjection,
} from '../../src/projections/unclearTexts.ts';
import { type TemplateDocument, templatesProjection } from '../../src/projections/templates.ts';
import { type UserDocument, usersProjection } from '../../src/projections/users.ts';
import { createMetrics } from '../../src/roles/metrics.ts';
import { createFeed } from './feed.ts';

export const secrets = {
  jwt: 'a secret for tokens that only these tests know',
  deviceAck: 'a secret for devices that only these tests know',
  unsubscribe: 'a secret for links that only these tests know',
  preferences: 'a secret for pages that only these tests know',
  tracking: 'a secret for pixels that only these tests know',
};

/** In place of a keyed hash. */
const hashesOf = (address: string) => [Buffer.from(address).toString('hex')];

/** The API over a log in memory: real deciders, commands and projections, read as soon as written. */
export interface World {
  readonly url: string;
  readonly api: Api;
  readonly log: readonly Recorded[];
  /** What the server logged, one JSON object each. */
  readonly lines: readonly string[];
  readonly execute: Execute;
  token(principal: Principal): Promise<string>;
  /** Live subscriptions at the moment. */
  followers(): number;
  /** Makes every further append fail with what is given. */
  breakStore(error: Error | undefined): void;
}

export const startWorld = async (changes: Partial<ApiDependencies> = {}): Promise<World> => {
  const log: Recorded[] = [];
  const lines: string[] = [];
  const feed = createFeed(log);
  let broken: Error | undefined;

  const execute: Execute = (aggregate, id, commands, context) =>
    Promise.resolve().then(() => {
      if (broken) throw broken;
      const stream = aggregate.stream(id);
      const past = log.filter((event) => event.stream === stream);
      let state = fold(aggregate.decider, past as never);
      const events: Parameters<typeof aggregate.decider.evolve>[1][] = [];
      for (const command of commands) {
        const decided = aggregate.decider.decide(command, state);
        state = fold(aggregate.decider, decided, state);
        events.push(...decided);
      }
      const subject = aggregate.subject(id, state);
      for (const [index, event] of events.entries()) {
        const commit = BigInt(log.length + 1);
        log.push({
          ...(event as Event as DomainEvent),
          id: randomUUID(),
          stream,
          revision: past.length + index,
          position: { commit, prepare: commit },
          metadata: {
            $correlationId: context.correlationId,
            $causationId: context.causationId ?? context.correlationId,
            actor: context.actor,
            ...(subject === undefined ? {} : { subject }),
            occurredAt: new Date().toISOString(),
            schemaVersion: 1,
          },
        });
      }
      feed.wake();
      const last = log.at(-1);
      return {
        state,
        events,
        revision: past.length + events.length - 1,
        ...(events.length > 0 && last ? { cursor: cursorOf(last.position) } : {}),
      };
    });

  const documents = <D extends ReadModel>(projection: Projection<D>): ReadonlyMap<string, D> => {
    const found = new Map<string, D>();
    for (const event of log) {
      if (!projection.handles.includes(event.type)) continue;
      for (const id of projection.idsOf(event)) {
        const next = projection.apply(found.get(id) ?? null, event, id);
        if (next) found.set(id, next);
        else found.delete(id);
      }
    }
    return found;
  };
  const users = () => documents<UserDocument>(usersProjection);
  const templates = () => documents<TemplateDocument>(templatesProjection);
  const layouts = () => documents<LayoutDocument>(layoutsProjection);
  const notifications = () => documents<NotificationDocument>(notificationsProjection);

  let url = '';
  const now = () => new Date();
  const userCommands = createUserCommands(execute, {
    isRequired: (name) => {
      const state = templates().get(name)?.state;
      const content = state?.active === undefined ? undefined : state.versions[state.active - 1];
      return Promise.resolve(state && (content?.required ?? false));
    },
  });
  const suppressionCommands = createSuppressionCommands(execute, hashesOf);
  const idsByAddress = (address: string) =>
    Promise.resolve(
      [...users().values()].flatMap(({ _id, state }) =>
        state.addresses.some((one) => one.address === address) ? [_id] : [],
      ),
    );
  const load: LoadState = (aggregate, id) => {
    const past = log.filter((event) => event.stream === aggregate.stream(id));
    const state = fold(aggregate.decider, past as never);
    return Promise.resolve({ state, revision: past.length - 1 });
  };
  const pageOf = (
    matches: (n: NotificationDocument) => boolean,
    first: number,
    after: NotificationPlace | undefined,
  ) => {
    const matching = [...notifications().values()]
      .filter(matches)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
    const rest = after
      ? matching.filter((n) => keyOf(n) < keyOf({ ...after, _id: after.id }))
      : matching;
    return Promise.resolve({ items: rest.slice(0, first), hasNextPage: rest.length > first });
  };
  const mjml = createMjmlCompiler();
  const written = templatePorts(execute, load, mjml.compile, () => undefined);
  const api = await createApi({
    requestNotifications: createRequestNotifications({
      execute,
      rules: defaultRules,
      findSuppressed: () => Promise.resolve(new Map()),
      findTemplate: (name) => {
        const state = templates().get(name)?.state;
        return Promise.resolve(
          state && {
            name,
            archived: state.status === 'archived',
            active: state.active,
            content: (version) => state.versions[version - 1],
          },
        );
      },
      findUsers: (ids) => {
        const known = users();
        const found = new Map<string, RegisteredUser>();
        for (const id of ids) {
          const document = known.get(id);
          if (document) found.set(id, document.state);
        }
        return Promise.resolve(found);
      },
      now,
      newId: randomUUID,
      secret: 'fingerprints of these tests',
    }),
    notificationCommands: createNotificationCommands(execute),
    userCommands,
    importUsers: createImportUsers({
      execute,
      readUsers: () => Promise.resolve(new Map()),
      prepare: () => Promise.resolve(),
    }),
    suppressionCommands,
    inboundTexts: createInboundTextCommands({
      execute,
      hashesOf,
      users: userCommands,
      suppressions: suppressionCommands,
      findUserIds: idsByAddress,
      stopScope: 'all',
    }),
    hashesOf,
    unclearTexts: {
      page: (first) => {
        const items = [...documents<UnclearTextDocument>(unclearTextsProjection).values()];
        return Promise.resolve({ items: items.slice(0, first), hasNextPage: items.length > first });
      },
    },
    bodyOfText: async (textId) => {
      const { state }: { state: InboundTextState } = await load(inboundTexts, textId);
      return state.status === 'none' ? undefined : state.body;
    },
    suppressions: {
      byHashes: () => Promise.resolve(new Map()),
      page: (first, after) => {
        const all = [...documents<SuppressionDocument>(suppressionsProjection).values()];
        const start = after ? all.findIndex(({ _id }) => _id === after.id) + 1 : 0;
        const items = all.slice(start, start + first);
        return Promise.resolve({ items, hasNextPage: all.length > start + first });
      },
    },
    templateCommands: createTemplateCommands(written),
    layoutCommands: createLayoutCommands(execute),
    previewTemplate: createPreview(written),
    notifications: {
      byId: (id) => Promise.resolve(notifications().get(id)),
      page: ({ userId, status }, first, after) =>
        pageOf(
          (n) => (userId ?? n.userId) === n.userId && (status ?? n.status) === n.status,
          first,
          after,
        ),
      deadLetters: (filter, first, after) =>
        pageOf(
          (n) =>
            n.status === 'DEAD_LETTERED' &&
            n.discardedAt === undefined &&
            (filter.provider ?? n.provider) === n.provider,
          first,
          after,
        ),
    },
    users: {
      byId: (id) => Promise.resolve(users().get(id)),
      byIds: () => Promise.resolve(users()),
      idsByAddress,
    },
    templates: {
      byName: (name) => Promise.resolve(templates().get(name)),
      page: (first, after = '') => {
        const rest = [...templates().values()]
          .filter(({ _id }) => _id > after)
          .sort((a, b) => (a._id < b._id ? -1 : 1));
        return Promise.resolve({ items: rest.slice(0, first), hasNextPage: rest.length > first });
      },
    },
    layouts: {
      byName: (name) => Promise.resolve(layouts().get(name)),
      all: () => Promise.resolve([...layouts().values()]),
    },
    analytics: { sums: () => Promise.resolve([]) },
    segmentCommands: createSegmentCommands(execute),
    // What needs stores of its own is tested through a whole program in test/e2e.
    broadcastCommands: elsewhere('broadcastCommands'),
    lists: elsewhere('lists'),
    segments: elsewhere('segments'),
    audience: elsewhere('audience'),
    broadcasts: elsewhere('broadcasts'),
    live: feed,
    providerReports: () => Promise.resolve([]),
    metrics: createMetrics(),
    secrets,
    webhooks: { twilio: { authToken: 'the Twilio token of these tests' } },
    publicUrl: () => url,
    development: true,
    health: () => Promise.resolve({ ready: true, checks: { eventstore: 'ok' } }),
    logger: pino({ level: 'info' }, { write: (line) => lines.push(line) }),
    now,
    ...changes,
  });
  url = await api.listen(0, '127.0.0.1');

  return {
    url,
    api,
    log,
    lines,
    execute,
    token: (principal) => signToken(principal, secrets.jwt, { now: now(), lifetimeSeconds: 3_600 }),
    followers: () => feed.followers.size,
    breakStore: (error) => {
      broken = error;
    },
  };
};

const elsewhere = (what: string): never =>
  new Proxy(
    {},
    {
      get: () => {
        throw new Error(`${what} is not part of these tests`);
      },
    },
  ) as never;

const keyOf = ({ requestedAt, _id }: Pick<NotificationDocument, 'requestedAt' | '_id'>): string =>
  `${requestedAt.toISOString()}|${_id}`;
