import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BroadcastAsked } from '../../commands/broadcasts.ts';
import { type Line, linesOf } from '../../commands/lines.ts';
import { longestListLine } from '../../commands/listLines.ts';
import { DomainError } from '../../domain/errors.ts';
import type { RecipientRefusal } from '../../domain/broadcast/events.ts';
import { broadcastOf } from '../../graphql/broadcasts/progress.ts';
import { commandContext } from '../../graphql/context.ts';
import { given } from '../../graphql/given.ts';
import { allow } from '../../graphql/principal.ts';
import { checkVariables } from '../../commands/variableForm.ts';
import type { ContextOf } from '../request.ts';
import { broadcastBody, broadcastQuery, inRestWords, parseBody } from './input.ts';
import { keyOf } from './key.ts';
import { upTo } from './upTo.ts';

const ndjson = 'application/x-ndjson';
const largestUpload = 64 * 1024 * 1024;

/** `POST /api/v1/lists`, `POST /api/v1/broadcasts`, `GET /api/v1/broadcasts/{id}`. */
export const registerBroadcasts = async (
  fastify: FastifyInstance,
  contextOf: ContextOf,
): Promise<void> => {
  await fastify.register((uploads, _options, done) => {
    // Read as it comes: a list is never in memory as a whole.
    uploads.addContentTypeParser(ndjson, (_request, payload, parsed) => {
      parsed(null, payload);
    });
    registerRoutes(uploads, contextOf);
    done();
  });
};

const registerRoutes = (fastify: FastifyInstance, contextOf: ContextOf): void => {
  fastify.post('/api/v1/lists', async (http, reply) => {
    const context = await contextOf(http);
    const principal = allow(context.identity, 'service');
    if (!isUpload(http)) throw new DomainError('BAD_INPUT', `send ${ndjson}`, 'Content-Type');
    const by = commandContext(principal, context);
    const { listId, rows, refusals } = await context.ports.lists.upload(linesIn(http), by);
    return reply.code(201).send({ listId, rows, ...refusedOf(refusals) });
  });

  fastify.post('/api/v1/broadcasts', async (http, reply) => {
    const context = await contextOf(http);
    const principal = allow(context.identity, 'service');
    const { broadcastCommands } = context.ports;
    const by = commandContext(principal, context);
    const common = { clientId: principal.clientId, ...given({ idempotencyKey: keyOf(http) }) };
    const ask = async (): Promise<BroadcastAsked> => {
      if (isUpload(http)) {
        const { templateName, channel, ...options } = parseBody(broadcastQuery, http.query);
        const asked = { template: templateName, channel, variables: {}, ...given(options) };
        return broadcastCommands.upload({ ...asked, ...common }, linesIn(http), by);
      }
      const body = parseBody(broadcastBody, http.body);
      const { templateName, channel, variables, audience, ...options } = body;
      const asked = { template: templateName, channel, variables: checkVariables(variables) };
      return broadcastCommands.request({ audience, ...asked, ...given(options), ...common }, by);
    };
    try {
      const { broadcastId, duplicate, rows, refusals } = await ask();
      const list = rows === undefined ? {} : { rows, ...refusedOf(refusals) };
      return await reply.code(202).send({ broadcastId, duplicate, ...list });
    } catch (error) {
      throw inRestWords(error);
    }
  });

  fastify.get<{ readonly Params: { readonly id: string } }>(
    '/api/v1/broadcasts/:id',
    async (http) => {
      const { identity, ports } = await contextOf(http);
      allow(identity, 'service');
      const found = await ports.broadcasts.byId(http.params.id);
      if (!found) throw new DomainError('UNKNOWN_BROADCAST', 'there is no such broadcast', 'id');
      const { template: templateName, ...shown } = broadcastOf(found);
      return { ...shown, templateName };
    },
  );
};

const isUpload = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() === ndjson;

const linesIn = ({ body }: FastifyRequest): AsyncIterable<Line> =>
  linesOf(upTo(largestUpload, body as AsyncIterable<Uint8Array>), longestListLine);

const refusedOf = (refusals: readonly RecipientRefusal[]) => ({
  refused: refusals.length,
  errors: refusals.map(({ reason: message, ...refusal }) => ({ ...refusal, message })),
});
