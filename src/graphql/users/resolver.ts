import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { DomainError } from '../../domain/errors.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given, mentioned } from '../given.ts';
import { allow, allowFor } from '../principal.ts';
import {
  AddressInput,
  changeOf,
  deviceOf,
  namedAddress,
  RegisterDeviceInput,
  RegisterUserInput,
  UpdateUserInput,
  User,
  UserChange,
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
    const { timezone, locale, attributes, ...rest } = mentioned(input);
    const changes = {
      ...rest,
      ...(attributes ? { attributes } : {}),
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
    description: 'The first of a channel is the primary one. Roles: service, user (own).',
  })
  async addAddress(
    @Arg('userId', () => ID) userId: string,
    @Arg('address', () => AddressInput) address: AddressInput,
    @Arg('primary', () => Boolean, { defaultValue: false }) primary: boolean,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const { addAddress } = context.ports.userCommands;
    const named = namedAddress(address);
    return changeOf(await addAddress(userId, named, primary, commandContext(principal, context)));
  }

  @Mutation(() => UserChange, { description: 'May be repeated. Roles: service, user (own).' })
  async removeAddress(
    @Arg('userId', () => ID) userId: string,
    @Arg('address', () => AddressInput) address: AddressInput,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allowFor(context.identity, userId, 'service');
    const { removeAddress } = context.ports.userCommands;
    return changeOf(
      await removeAddress(userId, namedAddress(address), commandContext(principal, context)),
    );
  }

  @Mutation(() => UserChange, {
    description: 'Says that somebody has shown whose address it is. Roles: service.',
  })
  async verifyAddress(
    @Arg('userId', () => ID) userId: string,
    @Arg('address', () => AddressInput) address: AddressInput,
    @Arg('source', () => String, { description: 'How it was shown.' }) source: string,
    @Ctx() context: ApiContext,
  ): Promise<UserChange> {
    const principal = allow(context.identity, 'service');
    const { verifyAddress } = context.ports.userCommands;
    const named = namedAddress(address);
    return changeOf(await verifyAddress(userId, named, source, commandContext(principal, context)));
  }
}

const kept = (value: string | null, field: string): string => {
  if (value !== null) return value;
  throw new DomainError('BAD_INPUT', `${field} can be changed but not removed`, field);
};
