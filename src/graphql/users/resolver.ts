import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { UserChanged } from '../../commands/users.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Preference as DomainPreference } from '../../domain/user/events.ts';
import { allPreferences } from '../../domain/user/questions.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given, mentioned } from '../given.ts';
import { allow, allowFor } from '../principal.ts';
import {
  deviceOf,
  Preference,
  PreferenceInput,
  RegisterDeviceInput,
  RegisterUserInput,
  UpdateUserInput,
  User,
  UserChange,
  userOf,
  userOfDocument,
} from './types.ts';

@Resolver()
export class UserResolver {
  @Query(() => User, { nullable: true, description: 'Roles: service, user (itself).' })
  async user(@Arg('id', () => ID) id: string, @Ctx() context: ApiContext): Promise<User | null> {
    allowFor(context.identity, id, 'service');
    const found = await context.ports.users.byId(id);
    return found ? userOfDocument(found) : null;
  }

  @Query(() => [Preference], {
    nullable: true,
    description:
      'Of every channel and category; null for no such user. Roles: service, user (own).',
  })
  async preferences(
    @Arg('userId', () => ID) userId: string,
    @Ctx() context: ApiContext,
  ): Promise<readonly DomainPreference[] | null> {
    allowFor(context.identity, userId, 'service');
    const found = await context.ports.users.byId(userId);
    return found ? allPreferences(found.state) : null;
  }

  @Mutation(() => UserChange, { description: 'May be repeated. Roles: service.' })
  async registerUser(
    @Arg('input', () => RegisterUserInput) { id, timezone, locale, ...rest }: RegisterUserInput,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allow(context.identity, 'service');
    const profile = { ...given(rest), timezone, locale };
    return changeOf(
      await context.ports.userCommands.register(id, profile, commandContext(principal, context)),
    );
  }

  @Mutation(() => UserChange, { description: 'Roles: service, user (itself).' })
  async updateUser(
    @Arg('id', () => ID) id: string,
    @Arg('input', () => UpdateUserInput) input: UpdateUserInput,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, id, 'service');
    const { timezone, locale, ...rest } = mentioned(input);
    const changes = {
      ...rest,
      ...(timezone === undefined ? {} : { timezone: kept(timezone, 'timezone') }),
      ...(locale === undefined ? {} : { locale: kept(locale, 'locale') }),
    };
    return changeOf(
      await context.ports.userCommands.update(id, changes, commandContext(principal, context)),
    );
  }

  @Mutation(() => UserChange, { description: 'Roles: service, user (own).' })
  async registerDevice(
    @Arg('userId', () => ID) userId: string,
    @Arg('input', () => RegisterDeviceInput) input: RegisterDeviceInput,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    return changeOf(
      await context.ports.userCommands.registerDevice(
        userId,
        deviceOf(input),
        commandContext(principal, context),
      ),
    );
  }

  @Mutation(() => UserChange, { description: 'May be repeated. Roles: service, user (own).' })
  async removeDevice(
    @Arg('userId', () => ID) userId: string,
    @Arg('deviceId', () => ID) deviceId: string,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    return changeOf(
      await context.ports.userCommands.removeDevice(
        userId,
        deviceId,
        'removed by its owner',
        commandContext(principal, context),
      ),
    );
  }

  @Mutation(() => UserChange, {
    description: 'Changes what is named, keeps the rest. Roles: service, user (own).',
  })
  async updatePreferences(
    @Arg('userId', () => ID) userId: string,
    @Arg('changes', () => [PreferenceInput]) changes: readonly PreferenceInput[],
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    return changeOf(
      await context.ports.userCommands.updatePreferences(
        userId,
        changes.map(({ channel, category, enabled }) => ({ channel, category, enabled })),
        'api',
        commandContext(principal, context),
      ),
    );
  }
}

const changeOf = ({ userId, user, cursor }: UserChanged): UserChange => ({
  user: userOf(userId, user),
  ...(cursor === undefined ? {} : { cursor }),
});

const kept = (value: string | null, field: string): string => {
  if (value !== null) return value;
  throw new DomainError('BAD_INPUT', `${field} can be changed but not removed`, field);
};
