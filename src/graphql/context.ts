import type { BroadcastCommands } from '../commands/broadcasts.ts';
import type { CommandContext } from '../commands/execute.ts';
import type { ImportUsers } from '../commands/importUsers.ts';
import type { InboundTextCommands } from '../commands/inboundText.ts';
import type { Lists } from '../commands/lists.ts';
import type { NotificationCommands } from '../commands/notifications.ts';
import type { RequestNotifications } from '../commands/requestNotifications.ts';
import type { HashAddress, SuppressionCommands } from '../commands/suppressions.ts';
import type { SegmentCommands } from '../commands/segments.ts';
import type { UserCommands } from '../commands/users.ts';
import type { ProviderReport } from '../domain/providerReport.ts';
import type { AnalyticsQueries } from '../projections/analytics.ts';
import type { AudienceQueries } from '../projections/audience.ts';
import type { BroadcastQueries } from '../projections/broadcastQueries.ts';
import type { LayoutCommands } from '../commands/layouts.ts';
import type { TemplateCommands } from '../commands/templates/commands.ts';
import type { PreviewTemplate } from '../commands/templates/preview.ts';
import type { LayoutQueries } from '../projections/layouts.ts';
import type { LiveFeed } from '../projections/live.ts';
import type { NotificationQueries } from '../projections/notificationQueries.ts';
import type { SuppressionQueries } from '../projections/suppressions.ts';
import type { SegmentQueries } from '../projections/segments.ts';
import type { TemplateQueries } from '../projections/templates.ts';
import type { UnclearTextQueries } from '../projections/unclearTexts.ts';
import type { UserQueries } from '../projections/users.ts';
import { actorOf, type Identity, type Principal } from './principal.ts';

/** What the API reads and writes with. */
export interface ApiPorts {
  readonly requestNotifications: RequestNotifications;
  readonly notificationCommands: NotificationCommands;
  readonly userCommands: UserCommands;
  readonly importUsers: ImportUsers;
  readonly suppressionCommands: SuppressionCommands;
  readonly suppressions: SuppressionQueries;
  readonly inboundTexts: InboundTextCommands;
  readonly unclearTexts: UnclearTextQueries;
  /** What an unclear text says; undefined when it is not kept or not readable any more. */
  bodyOfText(textId: string): Promise<string | undefined>;
  readonly hashesOf: HashAddress;
  readonly templateCommands: TemplateCommands;
  readonly segmentCommands: SegmentCommands;
  readonly broadcastCommands: BroadcastCommands;
  readonly lists: Lists;
  readonly layoutCommands: LayoutCommands;
  readonly previewTemplate: PreviewTemplate;
  readonly notifications: NotificationQueries;
  readonly users: UserQueries;
  readonly templates: TemplateQueries;
  readonly layouts: LayoutQueries;
  readonly analytics: AnalyticsQueries;
  readonly segments: SegmentQueries;
  readonly audience: AudienceQueries;
  readonly broadcasts: BroadcastQueries;
  readonly live: LiveFeed;
  /** How the providers are doing, by every dispatcher that reported lately. */
  providerReports(): Promise<readonly ProviderReport[]>;
  now(): Date;
}

/** What every resolver gets. */
export interface ApiContext {
  readonly ports: ApiPorts;
  readonly identity: Identity;
  /** One id for everything that follows from this request. */
  readonly correlationId: string;
}

/** The context of a command that this principal gives. */
export const commandContext = (
  principal: Principal,
  { correlationId }: Pick<ApiContext, 'correlationId'>,
): CommandContext => ({ actor: actorOf(principal), correlationId });
