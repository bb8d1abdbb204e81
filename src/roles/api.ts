import { inboundTexts } from '../commands/aggregates.ts';
import { createImportUsers } from '../commands/importUsers.ts';
import { createInboundTextCommands } from '../commands/inboundText.ts';
import { createNotificationCommands } from '../commands/notifications.ts';
import { createSuppressionCommands } from '../commands/suppressions.ts';
import { createLayoutCommands } from '../commands/layouts.ts';
import { createTemplateCommands } from '../commands/templates/commands.ts';
import { createMjmlCompiler } from '../commands/templates/mjml.ts';
import { templatePorts } from '../commands/templates/ports.ts';
import { createPreview } from '../commands/templates/preview.ts';
import type { InboundTextState } from '../domain/inbound/inboundText.ts';
import { forgotten } from '../eventstore/codec.ts';
import { type ApiDependencies, createApi } from '../http/server.ts';
import {
  type AnalyticsDocument,
  analyticsProjection,
  analyticsQueries,
} from '../projections/analytics.ts';
import { type LayoutDocument, layoutQueries, layoutsProjection } from '../projections/layouts.ts';
import { createLiveFeed } from '../projections/liveFeed.ts';
import { notificationQueries } from '../projections/notificationQueries.ts';
import {
  type NotificationDocument,
  notificationsProjection,
} from '../projections/notifications.ts';
import type { Projection, ReadModel } from '../projections/projection.ts';
import { collectionName, type Projector } from '../projections/projector.ts';
import {
  type TemplateDocument,
  templateQueries,
  templatesProjection,
} from '../projections/templates.ts';
import {
  type UnclearTextDocument,
  unclearTextQueries,
  unclearTextsProjection,
} from '../projections/unclearTexts.ts';
import { openProviderReports } from '../readmodels/providerHealth.ts';
import { bulkCommands, bulkQueries } from './bulk.ts';
import type { Parts } from './parts.ts';
import { createRequests } from './requests.ts';
import { wait } from './wait.ts';

export interface ApiOptions {
  readonly projector: Pick<Projector, 'status'> | undefined;
  /** Filled when the simulators' keys are known, which is after the API listens. */
  readonly webhooks: ApiDependencies['webhooks'];
  readonly publicUrl: () => string;
}

/** The role `api`. Resolves with its address once it listens. */
export const startApi = async (parts: Parts, options: ApiOptions): Promise<string> => {
  const { config, logger, log, codec, database, directory, execute, keys, secrets, users } = parts;
  const now = () => new Date();
  const of = <D extends ReadModel>(projection: Projection<D>) =>
    database.collection<D>(collectionName(projection));
  const live = createLiveFeed({ log, codec, logger, wait });
  parts.running(live.run(parts.closing));

  const suppressionCommands = createSuppressionCommands(execute, (address) =>
    parts.addressHashes.all(address),
  );
  const mjml = createMjmlCompiler();
  parts.onClose('work', () => mjml.close());
  const written = templatePorts(execute, parts.load, mjml.compile, (name) =>
    directory.forgetTemplate(name),
  );

  const reports = await openProviderReports(database);
  const api = await createApi({
    requestNotifications: createRequests(parts),
    notificationCommands: createNotificationCommands(execute),
    userCommands: parts.userCommands,
    importUsers: createImportUsers({
      execute,
      readUsers: async (ids) => {
        const found = await users.byIds(ids);
        return new Map([...found].map(([id, { state, v }]) => [id, { state, revision: v }]));
      },
      prepare: async (ids) => {
        await keys.keysFor(ids);
      },
    }),
    suppressionCommands,
    inboundTexts: createInboundTextCommands({
      execute,
      hashesOf: (address) => parts.addressHashes.all(address),
      users: parts.userCommands,
      suppressions: suppressionCommands,
      findUserIds: (phone) => users.idsByAddress(phone),
      stopScope: config.stopScope,
    }),
    suppressions: parts.suppressions,
    unclearTexts: unclearTextQueries(of<UnclearTextDocument>(unclearTextsProjection)),
    bodyOfText: (textId) => bodyOfText(parts, textId),
    hashesOf: (address) => parts.addressHashes.all(address),
    ...bulkCommands(parts),
    ...bulkQueries(parts),
    templateCommands: createTemplateCommands(written),
    layoutCommands: createLayoutCommands(execute),
    previewTemplate: createPreview(written),
    notifications: notificationQueries(of<NotificationDocument>(notificationsProjection)),
    users,
    templates: templateQueries(of<TemplateDocument>(templatesProjection)),
    layouts: layoutQueries(of<LayoutDocument>(layoutsProjection)),
    analytics: analyticsQueries(of<AnalyticsDocument>(analyticsProjection)),
    live,
    providerReports: () => reports.read(now()),
    metrics: parts.metrics,
    secrets,
    webhooks: options.webhooks,
    publicUrl: options.publicUrl,
    development: config.development,
    health: () => healthOf(parts, options.projector),
    logger,
    now,
  });
  parts.onClose('doors', () => api.close());
  return api.listen(config.port, config.host);
};

const bodyOfText = async ({ load }: Parts, textId: string): Promise<string | undefined> => {
  const { state }: { state: InboundTextState } = await load(inboundTexts, textId);
  return state.status === 'none' || state.body === forgotten ? undefined : state.body;
};

const healthOf = async ({ database, log }: Parts, projector: ApiOptions['projector']) => {
  const answers = (ask: Promise<unknown>) =>
    ask.then(
      () => 'ok' as const,
      () => 'does not answer',
    );
  const [mongodb, eventstore] = await Promise.all([answers(database.ping()), answers(log.head())]);
  const stopped = projector?.status().filter(({ failure }) => failure !== undefined) ?? [];
  const names = stopped.map(({ name }) => name).join(', ');
  const checks = { mongodb, eventstore, projections: names === '' ? 'ok' : `stopped: ${names}` };
  return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
};
