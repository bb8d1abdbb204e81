import type { FastifyInstance, FastifyReply } from 'fastify';
import type { CommandContext } from '../../commands/execute.ts';
import type { UserCommands } from '../../commands/users.ts';
import { DomainError } from '../../domain/errors.ts';
import { sendPage, unknownLinkPage } from '../page.ts';
import { choiceIn, choices, sayingOf, type Choice } from './choice.ts';
import { readUnsubscribeToken, type Unsubscription } from './token.ts';

export interface UnsubscribeEdge {
  readonly userCommands: UserCommands;
  /** The present one and those of before: a link never expires. */
  readonly secrets: readonly string[];
}

/**
 * One-click unsubscription (RFC 8058, facts L4 and L10): a GET shows a page with choices and changes
 * nothing, since scanners follow links; a POST unsubscribes and answers 200: from what its form chooses, or,
 * whatever else its body says, from the kind of message that the link was in.
 */
export const registerUnsubscribe = async (
  fastify: FastifyInstance,
  { userCommands, secrets }: UnsubscribeEdge,
): Promise<void> => {
  const apply = async (named: Unsubscription, choice: Choice, correlationId: string) => {
    const { userId } = named;
    const context: CommandContext = { actor: `user:${userId}`, correlationId };
    try {
      await userCommands.unsubscribe(userId, choices[choice].scopeOf(named), source, context);
    } catch (error) {
      // Who is gone gets no more messages; the link still says so.
      if (!(error instanceof DomainError && error.code === 'UNKNOWN_USER')) throw error;
    }
  };

  await fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: 16 * 1024 },
      (_r, body, parsed) => parsed(null, body),
    );
    scope.get<Path>('/unsubscribe/:token', (request, reply) => {
      const named = readUnsubscribeToken(request.params.token, ...secrets);
      return named ? askPage(reply, named) : sendPage(reply, unknownLinkPage, 404);
    });
    scope.post<Path>('/unsubscribe/:token', async (request, reply) => {
      const named = readUnsubscribeToken(request.params.token, ...secrets);
      if (!named) return sendPage(reply, unknownLinkPage, 404);
      const choice = choiceIn(request.body);
      await apply(named, choice, request.id);
      return donePage(reply, named, choice);
    });
    done();
  });
};

const source = 'unsubscribe link';

interface Path {
  readonly Params: { readonly token: string };
}

const askPage = (reply: FastifyReply, named: Unsubscription): FastifyReply => {
  const options = Object.keys(choices).map((choice) => {
    const checked = choice === 'kind' ? ' checked' : '';
    const words = sayingOf(choice as Choice, named);
    return `<p><label><input type="radio" name="from" value="${choice}"${checked}> ${words}</label></p>`;
  });
  return sendPage(reply, {
    title: 'Unsubscribe',
    body: `<h1>Unsubscribe</h1><p>What do you want no more of?</p><form method="post">${options.join('')}<button>Unsubscribe</button></form>`,
  });
};

const donePage = (reply: FastifyReply, named: Unsubscription, choice: Choice): FastifyReply =>
  sendPage(reply, {
    title: 'Unsubscribed',
    body: `<h1>Unsubscribed</h1><p>You get no more ${sayingOf(choice, named)}.</p>`,
  });
