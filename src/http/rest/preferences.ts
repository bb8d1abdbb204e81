import type { FastifyInstance } from 'fastify';
import { isEnabled } from '../../domain/user/questions.ts';
import { categories, channels } from '../../domain/vocabulary.ts';
import { commandContext } from '../../graphql/context.ts';
import { allowFor } from '../../graphql/principal.ts';
import type { ContextOf } from '../request.ts';
import { parseBody, preferencesBody } from './input.ts';

/** `PUT /api/v1/users/{id}/preferences`: changes what the body names, answers all of them. */
export const registerPreferences = (fastify: FastifyInstance, contextOf: ContextOf): void => {
  fastify.put<{ readonly Params: { readonly id: string } }>(
    '/api/v1/users/:id/preferences',
    async (http) => {
      const context = await contextOf(http);
      const userId = http.params.id;
      const principal = allowFor(context.identity, userId, 'service');
      const wanted = parseBody(preferencesBody, http.body);
      const changes = channels.flatMap((channel) =>
        categories.flatMap((category) => {
          const enabled = wanted[channel]?.[category];
          return enabled === undefined ? [] : [{ channel, category, enabled }];
        }),
      );
      const { user } = await context.ports.userCommands.updatePreferences(
        userId,
        { changes },
        'api',
        commandContext(principal, context),
      );
      return Object.fromEntries(
        channels.map((channel) => [
          channel,
          Object.fromEntries(
            categories.map((category) => [category, isEnabled(user, channel, category)]),
          ),
        ]),
      );
    },
  );
};
