import type { FastifyInstance, FastifyReply } from 'fastify';
import type { CommandContext } from '../../commands/execute.ts';
import type { UserCommands } from '../../commands/users.ts';
import { DomainError } from '../../domain/errors.ts';
import type { RegisteredUser } from '../../domain/user/state.ts';
import type { UserQueries } from '../../projections/users.ts';
import { sendPage, unknownLinkPage } from '../page.ts';
import { type Board, boardOf, type Topic } from './board.ts';
import { type Wish, wishIn } from './form.ts';
import { gonePage, preferencesPage } from './page.ts';
import { readPreferencesToken } from './token.ts';
import { type TopicSources, topicsOf } from './topics.ts';

export interface PreferencesEdge extends TopicSources {
  readonly userCommands: Pick<UserCommands, 'updatePreferences' | 'unsubscribe' | 'resubscribe'>;
  readonly users: Pick<UserQueries, 'byId'>;
  /** The present one and those of before: a link never expires. */
  readonly secrets: readonly string[];
}

const source = 'preference page';
/** A form names every switch, at most some two hundred. */
const bodyLimit = 64 * 1024;

interface Path {
  readonly Params: { readonly token: string };
}

interface Known {
  readonly user: RegisteredUser;
  readonly topics: readonly Topic[];
}

/**
 * The preference page of one person by a signed link, without login and without script (facts L4, L5). A GET
 * changes nothing; a POST does what its form says, by the commands of the API, and answers with the page.
 */
export const registerPreferencesPage = async (
  fastify: FastifyInstance,
  edge: PreferencesEdge,
): Promise<void> => {
  const { userCommands, users, secrets } = edge;

  const find = async (userId: string): Promise<Known | undefined> => {
    const user = (await users.byId(userId))?.state;
    if (!user || user.erased) return undefined;
    return { user, topics: await topicsOf(edge, userId, user) };
  };

  const carryOut = (userId: string, wish: Wish, correlationId: string) => {
    const context: CommandContext = { actor: `user:${userId}`, correlationId };
    switch (wish.kind) {
      case 'save':
        return userCommands.updatePreferences(userId, wish.changes, source, context);
      case 'unsubscribe':
        return userCommands.unsubscribe(userId, { scope: 'all' }, source, context);
      case 'resubscribe':
        return userCommands.resubscribe(userId, wish.to, source, context);
    }
  };

  await fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.get<Path>('/preferences/:token', async (request, reply) => {
      const userId = readPreferencesToken(request.params.token, secrets);
      if (userId === undefined) return sendPage(reply, unknownLinkPage, 404);
      const known = await find(userId);
      return sendPage(reply, known ? preferencesPage(boardIn(known)) : gonePage);
    });
    scope.post<Path>('/preferences/:token', async (request, reply) => {
      const userId = readPreferencesToken(request.params.token, secrets);
      if (userId === undefined) return sendPage(reply, unknownLinkPage, 404);
      const known = await find(userId);
      if (!known) return sendPage(reply, gonePage);
      const board = boardIn(known);
      const wish = wishIn(request.body, board);
      if (!wish)
        return answer(reply, board, 'This form is not complete. Nothing was changed.', 400);
      try {
        const { user, events } = await carryOut(userId, wish, request.id);
        const said = events.length > 0 ? 'Saved. It holds from now on.' : 'Nothing was changed.';
        return await answer(reply, boardOf(user, known.topics), said);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        if (error.code === 'UNKNOWN_USER') return sendPage(reply, gonePage);
        const said =
          'Something else was chosen meanwhile. Nothing was changed; look again, please.';
        return answer(reply, board, said, 409);
      }
    });
    done();
  });
};

const boardIn = ({ user, topics }: Known): Board => boardOf(user, topics);

const answer = (reply: FastifyReply, board: Board, said: string, status = 200): FastifyReply =>
  sendPage(reply, preferencesPage(board, said), status);
