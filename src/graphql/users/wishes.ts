import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { Preference as DomainPreference } from '../../domain/user/events.ts';
import { allPreferences } from '../../domain/user/questions.ts';
import type { Channel } from '../../domain/vocabulary.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given } from '../given.ts';
import { allowFor } from '../principal.ts';
import { ChannelEnum } from '../vocabulary.ts';
import { changeOf, UserChange } from './types.ts';
import {
  ConsentInput,
  Preference,
  PreferenceInput,
  QuietWindowInput,
  scopeOf,
  TopicPreferenceInput,
  UnsubscribeScopeInput,
  windowOf,
} from './wishTypes.ts';

/** What a user wants, allows and forbids. Everything may be repeated. */
@Resolver()
export class WishResolver {
  @Query(() => [Preference], {
    nullable: true,
    description:
      'What holds for every channel and category; null for no such user. Roles: service, user (own).',
  })
  async preferences(
    @Arg('userId', () => ID) userId: string,
    @Ctx() context: ApiContext,
  ): Promise<readonly DomainPreference[] | null> {
    allowFor(context.identity, userId, 'service');
    const found = await context.ports.users.byId(userId);
    return found ? allPreferences(found.state) : null;
  }

  @Mutation(() => UserChange, {
    description:
      'Changes what is named, keeps the rest; required topics stay on. Roles: service, user (own).',
  })
  async updatePreferences(
    @Arg('userId', () => ID) userId: string,
    @Arg('changes', () => [PreferenceInput], { defaultValue: [] })
    changes: readonly PreferenceInput[],
    @Arg('topics', () => [TopicPreferenceInput], { defaultValue: [] })
    topics: readonly TopicPreferenceInput[],
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const wanted = {
      changes: changes.map(({ channel, category, enabled }) => ({ channel, category, enabled })),
      topics: topics.map(({ topic, channel, enabled }) => ({
        topic,
        enabled,
        ...given({ channel }),
      })),
    };
    const { updatePreferences } = context.ports.userCommands;
    return changeOf(
      await updatePreferences(userId, wanted, 'api', commandContext(principal, context)),
    );
  }

  @Mutation(() => UserChange, {
    description:
      'Messages that can wait wait until it is over; no windows, no quiet hours. Roles: service, user (own).',
  })
  async setQuietHours(
    @Arg('userId', () => ID) userId: string,
    @Arg('windows', () => [QuietWindowInput]) windows: readonly QuietWindowInput[],
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const quietHours = { windows: windows.map(windowOf) };
    const { setQuietHours } = context.ports.userCommands;
    return changeOf(await setQuietHours(userId, quietHours, commandContext(principal, context)));
  }

  @Mutation(() => UserChange, {
    description: 'What somebody agreed to, or takes back. Roles: service, user (own).',
  })
  async recordConsent(
    @Arg('userId', () => ID) userId: string,
    @Arg('input', () => ConsentInput) input: ConsentInput,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const { channel, category, given: isGiven, wording, source } = input;
    const { at = context.ports.now(), evidence, expiresAt, tracking } = given(input);
    const consent = {
      given: isGiven,
      wording,
      source,
      at: at.toISOString(),
      ...(evidence === undefined ? {} : { evidence }),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
      ...(tracking === undefined ? {} : { tracking }),
    };
    const { recordConsent } = context.ports.userCommands;
    return changeOf(
      await recordConsent(userId, channel, category, consent, commandContext(principal, context)),
    );
  }

  @Mutation(() => UserChange, {
    description: 'No more of it, whatever the preferences say. Roles: service, user (own).',
  })
  async unsubscribe(
    @Arg('userId', () => ID) userId: string,
    @Arg('from', () => UnsubscribeScopeInput) from: UnsubscribeScopeInput,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const { unsubscribe } = context.ports.userCommands;
    return changeOf(
      await unsubscribe(userId, scopeOf(from), 'api', commandContext(principal, context)),
    );
  }

  @Mutation(() => UserChange, {
    description:
      'Takes an unsubscription back; the preferences hold again. Roles: service, user (own).',
  })
  async resubscribe(
    @Arg('userId', () => ID) userId: string,
    @Arg('to', () => UnsubscribeScopeInput) to: UnsubscribeScopeInput,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const { resubscribe } = context.ports.userCommands;
    return changeOf(
      await resubscribe(userId, scopeOf(to), 'api', commandContext(principal, context)),
    );
  }

  @Mutation(() => UserChange, {
    description:
      'STOP by another way than the channel itself: by phone, by letter. Roles: service, user (own).',
  })
  async stopChannel(
    @Arg('userId', () => ID) userId: string,
    @Arg('channel', () => ChannelEnum) channel: Channel,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const { stopChannel } = context.ports.userCommands;
    return changeOf(await stopChannel(userId, channel, 'api', commandContext(principal, context)));
  }

  @Mutation(() => UserChange, { description: 'START after STOP. Roles: service, user (own).' })
  async resumeChannel(
    @Arg('userId', () => ID) userId: string,
    @Arg('channel', () => ChannelEnum) channel: Channel,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const { resumeChannel } = context.ports.userCommands;
    return changeOf(
      await resumeChannel(userId, channel, 'api', commandContext(principal, context)),
    );
  }
}
