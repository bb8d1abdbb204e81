import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { CloseCode, type Context, handleProtocols, makeServer } from 'graphql-ws';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ApiContext, ApiPorts } from '../graphql/context.ts';
import { isUnexpected, presentError, rootOf } from '../graphql/errors.ts';
import { parseOptions, validationRules } from '../graphql/limits.ts';
import type { Principal } from '../graphql/principal.ts';
import type { Authenticator } from './auth.ts';
import { loggable } from './errors.ts';

/** Limits of one socket (facts Q10, Q12). */
export const socketLimits = {
  initMs: 3_000,
  messageBytes: 64 * 1024,
  pingMs: 15_000,
  /** A send waits for the network once so much is unsent. */
  bufferedBytes: 256 * 1024,
  subscriptions: 100,
} as const;

interface Extra {
  readonly socket: WebSocket;
  principal?: Principal;
  expiry?: NodeJS.Timeout;
}
type Params = { readonly authorization?: unknown };
type SocketContext = Context<Params, Extra>;

export interface SocketEdge {
  readonly schema: GraphQLSchema;
  readonly ports: ApiPorts;
  readonly authenticator: Authenticator;
  readonly development: boolean;
  readonly logger: Logger;
}

export interface Sockets {
  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Says goodbye (1001) and cuts who doesn't leave within a second. */
  close(): Promise<void>;
}

/** Subscriptions, queries and mutations over the graphql-transport-ws protocol. */
export const createSockets = (edge: SocketEdge): Sockets => {
  const { schema, ports, authenticator, development, logger } = edge;
  const check = createDocumentCheck(schema, development);

  const present = (errors: readonly GraphQLError[], correlationId: string) =>
    errors.map((error) => {
      if (isUnexpected(error)) {
        const { path } = error;
        const cause = loggable(rootOf(error));
        logger.error({ path, correlationId, error: cause }, 'an operation failed');
      }
      return presentError(error, correlationId);
    });

  const protocol = makeServer<Params, Extra>({
    connectionInitWaitTimeout: socketLimits.initMs,
    onConnect: async (ctx) => {
      const { authorization } = ctx.connectionParams ?? {};
      const { extra } = ctx;
      try {
        const token = typeof authorization === 'string' ? authorization : undefined;
        const { principal, expiresAt } = await authenticator.verify(token);
        extra.principal = principal;
        closeAt(extra, expiresAt, ports);
        return true;
      } catch {
        return false;
      }
    },
    onClose: ({ extra }) => clearTimeout(extra.expiry),
    onSubscribe: (
      ctx,
      _id,
      { query, variables, operationName },
    ): readonly GraphQLError[] | ExecutionArgs => {
      if (Object.keys(ctx.subscriptions).length > socketLimits.subscriptions) {
        return [
          new GraphQLError(`a socket carries at most ${socketLimits.subscriptions} subscriptions`, {
            extensions: { code: 'BAD_INPUT' },
          }),
        ];
      }
      const checked = check(query);
      if ('errors' in checked) return checked.errors;
      return {
        schema,
        document: checked.document,
        variableValues: variables,
        operationName,
        contextValue: contextOf(ctx, ports),
        hideSuggestions: !development,
      };
    },
    onNext: (_ctx, _id, _payload, args, { errors, data }) => {
      if (!errors) return undefined;
      const { correlationId } = args.contextValue as ApiContext;
      return { ...(data === undefined ? {} : { data }), errors: present(errors, correlationId) };
    },
    onError: (_ctx, _id, _payload, errors) => present(errors, randomUUID()),
  });

  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: socketLimits.messageBytes,
    perMessageDeflate: false,
    handleProtocols,
  });

  const open = (socket: WebSocket, line: Duplex) => {
    const gathered = gatherWrites(line);
    // A peer that breaks the protocol or the line: ws has closed or will close the socket.
    socket.on('error', (error) => logger.debug({ error: error.message }, 'a socket broke'));
    const stopPinging = keepAlive(socket);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => {
          gathered();
          return send(socket, text);
        },
        close: (code, reason) => socket.close(code, reason),
        onMessage: (receive) =>
          socket.on('message', (data) => {
            receive((data as Buffer).toString()).catch((error: unknown) => {
              const known = error instanceof Error ? loggable(error) : undefined;
              logger.error({ error: known }, 'a socket message failed');
              socket.close(CloseCode.InternalServerError, 'internal error');
            });
          }),
      },
      { socket },
    );
    socket.once('close', (code, reason) => {
      stopPinging();
      void closed(code, reason.toString());
    });
  };

  return {
    upgrade: (request, socket, head) => {
      wss.handleUpgrade(request, socket, head, (ws) => open(ws, socket));
    },
    close: async () => {
      for (const client of wss.clients) client.close(1001, 'going away');
      const cut = setTimeout(() => {
        for (const client of wss.clients) client.terminate();
      }, 1_000);
      await Promise.all(
        [...wss.clients].map((client) => new Promise((resolve) => client.once('close', resolve))),
      );
      clearTimeout(cut);
      wss.close();
    },
  };
};

/** No timer of Node can wait longer. */
const longestTimerMs = 2 ** 31 - 1;

/** Closes the socket when its token ends (facts Q11). */
const closeAt = (extra: Extra, expiresAt: Date, ports: ApiPorts): void => {
  const left = expiresAt.getTime() - ports.now().getTime();
  if (left <= 0) {
    extra.socket.close(CloseCode.Forbidden, 'the token has expired');
    return;
  }
  const again = () => closeAt(extra, expiresAt, ports);
  extra.expiry = setTimeout(again, Math.min(left, longestTimerMs)).unref();
};

const contextOf = ({ extra }: SocketContext, ports: ApiPorts): ApiContext => {
  if (!extra.principal) throw new Error('a socket subscribed before it was acknowledged');
  return { ports, identity: extra.principal, correlationId: randomUUID() };
};

/** Parses and validates by the same rules as HTTP; a document that passed is remembered. */
const createDocumentCheck = (schema: GraphQLSchema, introspection: boolean) => {
  const rules = [...specifiedRules, ...validationRules({ introspection })];
  const passed = new LRUCache<string, DocumentNode>({ max: 500 });
  return (
    query: string,
  ): { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] } => {
    const known = passed.get(query);
    if (known) return { document: known };
    try {
      const document = parse(query, parseOptions);
      const errors = validate(schema, document, rules, { hideSuggestions: !introspection });
      if (errors.length > 0) return { errors };
      passed.set(query, document);
      return { document };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const extensions = { code: 'GRAPHQL_PARSE_FAILED' };
      return { errors: [new GraphQLError(error.message, { extensions })] };
    }
  };
};

/** Sends without waiting for the network while little is unsent, so that a feed can be fast. */
const send = (socket: WebSocket, text: string): Promise<void> => {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (socket.bufferedAmount < socketLimits.bufferedBytes) {
    socket.send(text);
    return Promise.resolve();
  }
  // An error closes the socket, and with it every subscription.
  return new Promise((resolve) => socket.send(text, () => resolve()));
};

/**
 * What is sent in one turn of the event loop goes out in one write: a feed sends hundreds of updates in a
 * turn, and the system call of each would cost more than making it. Call it before each send.
 */
const gatherWrites = (line: Duplex): (() => void) => {
  let gathering = false;
  const release = () => {
    gathering = false;
    line.uncork();
  };
  return () => {
    if (gathering) return;
    gathering = true;
    line.cork();
    setImmediate(release);
  };
};

/** Pings, and cuts a peer that didn't answer by the next ping. Returns how to stop it. */
const keepAlive = (socket: WebSocket): (() => void) => {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, socketLimits.pingMs).unref();
  return () => clearInterval(timer);
};
