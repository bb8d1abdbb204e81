import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { UserCommands } from '../commands/users.ts';
import { DomainError } from '../domain/errors.ts';
import { type Category, type Channel, categories, channels } from '../domain/vocabulary.ts';
import { sendPage } from './page.ts';

/** What an unsubscribe link names: one person, one channel, one kind of message. */
export interface Unsubscription {
  readonly userId: string;
  readonly channel: Channel;
  readonly category: Category;
}

const macBytes = 16;

const macOf = (payload: string, secret: string): Buffer =>
  createHmac('sha256', secret)
    .update(`tidings/unsubscribe/1\n${payload}`)
    .digest()
    .subarray(0, macBytes);

/**
 * The token of an unsubscribe link: at most 198 characters, safe in a path, forgeable only with the
 * secret. It never expires (facts L5) and may be used again and again.
 */
export const unsubscribeToken = (
  userId: string,
  channel: Channel,
  category: Category,
  secret: string,
): string => {
  const payload = `${channels.indexOf(channel)}${categories.indexOf(category)}${userId}`;
  const signed = Buffer.concat([macOf(payload, secret), Buffer.from(payload)]);
  return signed.toString('base64url');
};

/** What a token names, or undefined when it isn't ours. */
export const readUnsubscribeToken = (token: string, secret: string): Unsubscription | undefined => {
  const signed = Buffer.from(token, 'base64url');
  // Base64url has several spellings of the same bytes; only ours is a token.
  if (signed.length <= macBytes || signed.toString('base64url') !== token) return undefined;
  const payload = signed.subarray(macBytes).toString();
  if (!timingSafeEqual(signed.subarray(0, macBytes), macOf(payload, secret))) return undefined;
  const channel = channels[Number(payload[0])];
  const category = categories[Number(payload[1])];
  return channel && category ? { userId: payload.slice(2), channel, category } : undefined;
};

const words: Readonly<Record<Channel, string>> = {
  email: 'by email',
  sms: 'by text message',
  push: 'as push notifications',
  in_app: 'in your inbox',
};

/**
 * One-click unsubscription (RFC 8058, facts L4 and L10): a GET shows a page with a button and changes
 * nothing, since scanners follow links; a POST, whatever its body, unsubscribes and answers 200.
 */
export const registerUnsubscribe = async (
  fastify: FastifyInstance,
  { userCommands, secret }: { readonly userCommands: UserCommands; readonly secret: string },
): Promise<void> => {
  await fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 16 * 1024 }, (_r, _b, parsed) =>
      parsed(null, undefined),
    );
    scope.get<Path>('/unsubscribe/:token', (request, reply) => {
      const named = readUnsubscribeToken(request.params.token, secret);
      return named ? askPage(reply, named) : unknownPage(reply);
    });
    scope.post<Path>('/unsubscribe/:token', async (request, reply) => {
      const named = readUnsubscribeToken(request.params.token, secret);
      if (!named) return unknownPage(reply);
      const { userId, channel, category } = named;
      try {
        await userCommands.updatePreferences(
          userId,
          { changes: [{ channel, category, enabled: false }] },
          'unsubscribe link',
          { actor: `user:${userId}`, correlationId: request.id },
        );
      } catch (error) {
        // Who is gone gets no more messages; the link still says so.
        if (!(error instanceof DomainError && error.code === 'UNKNOWN_USER')) throw error;
      }
      return donePage(reply, named);
    });
    done();
  });
};

interface Path {
  readonly Params: { readonly token: string };
}

const askPage = (reply: FastifyReply, { channel, category }: Unsubscription): FastifyReply =>
  sendPage(reply, {
    title: 'Unsubscribe',
    body: `<h1>Unsubscribe</h1><p>You will get no more ${category} messages ${words[channel]}.</p><form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>`,
  });

const donePage = (reply: FastifyReply, { channel, category }: Unsubscription): FastifyReply =>
  sendPage(reply, {
    title: 'Unsubscribed',
    body: `<h1>Unsubscribed</h1><p>You get no more ${category} messages ${words[channel]}.</p>`,
  });

const unknownPage = (reply: FastifyReply): FastifyReply =>
  sendPage(
    reply,
    {
      title: 'Link not known',
      body: '<h1>Link not known</h1><p>This link is not complete. Use the one in the message.</p>',
    },
    404,
  );
