import type { FastifyInstance } from 'fastify';
import { sendPage } from './page.ts';

/** The page that a developer who opens the server's address sees. */
export const registerHome = (fastify: FastifyInstance): void => {
  fastify.get('/', (_request, reply) =>
    sendPage(reply, {
      title: 'Tidings',
      body: `<h1>Tidings</h1><p>Notifications by email, SMS, push and in-app.</p><ul>
<li><a href="/graphql">/graphql</a>: the GraphQL console; clients post there, and subscribe over WebSocket</li>
<li><a href="/openapi.json">/openapi.json</a>: the REST API</li>
<li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>: health</li>
</ul><p>Calls need the token that was printed at the start.</p>`,
    }),
  );
};
