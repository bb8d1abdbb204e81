import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type RowFormat, userRowsOf } from '../../commands/userRows.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Attributes, Profile, ProfileChanges } from '../../domain/user/events.ts';
import type { RegisteredUser } from '../../domain/user/state.ts';
import { commandContext } from '../../graphql/context.ts';
import { mentioned } from '../../graphql/given.ts';
import { allow, allowFor } from '../../graphql/principal.ts';
import type { ContextOf } from '../request.ts';
import { parseBody, registerUserBody, updateUserBody } from './input.ts';

interface Path {
  readonly Params: { readonly id: string };
}

/** `POST /api/v1/users`, `GET` and `PATCH /api/v1/users/{id}`. */
export const registerUsers = (fastify: FastifyInstance, contextOf: ContextOf): void => {
  fastify.post('/api/v1/users', async (http, reply) => {
    const context = await contextOf(http);
    const principal = allow(context.identity, 'service');
    const { id, ...profile } = parseBody(registerUserBody, http.body);
    const { userCommands } = context.ports;
    const given = mentioned(profile) as Profile;
    const { user } = await userCommands.register(id, given, commandContext(principal, context));
    return reply.code(201).send(shown(id, user));
  });

  fastify.get<Path>('/api/v1/users/:id', async (http) => {
    const { identity, ports } = await contextOf(http);
    const { id } = http.params;
    allowFor(identity, id, 'service');
    const found = await ports.users.byId(id);
    if (!found) throw new DomainError('UNKNOWN_USER', 'there is no such user', 'id');
    const { registeredAt, updatedAt } = found;
    return { ...shown(id, found.state), registeredAt, updatedAt };
  });

  fastify.patch<Path>('/api/v1/users/:id', async (http) => {
    const context = await contextOf(http);
    const { id } = http.params;
    const principal = allowFor(context.identity, id, 'service');
    const changes = mentioned(parseBody(updateUserBody, http.body)) as ProfileChanges;
    const { userCommands } = context.ports;
    const { user } = await userCommands.update(id, changes, commandContext(principal, context));
    return shown(id, user);
  });
};

const shown = (id: string, { profile, addresses, devices }: RegisteredUser) => ({
  id,
  ...profile,
  attributes: (profile.attributes ?? {}) satisfies Attributes,
  addresses,
  devices: devices.map(({ deviceId, platform }) => ({ deviceId, platform })),
});

const formats: Readonly<Record<string, RowFormat>> = {
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
};

const contentType = z
  .string()
  .transform((value) => value.split(';')[0]?.trim().toLowerCase() ?? '');

/**
 * `POST /api/v1/users/import`: a list as NDJSON or CSV, of any length. It is taken in as fast as it comes, to a
 * file that has no name any more and so outlives nothing, and then carried out a few hundred users at a time.
 */
export const registerUserImport = async (
  fastify: FastifyInstance,
  contextOf: ContextOf,
): Promise<void> => {
  await fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(Object.keys(formats), (_request, _payload, parsed) => {
      // It is read where it is used.
      parsed(null);
    });
    scope.post('/api/v1/users/import', async (http) => {
      const context = await contextOf(http);
      const principal = allow(context.identity, 'service');
      const format = formats[contentType.parse(http.headers['content-type'] ?? '')];
      if (!format) {
        const message = 'send application/x-ndjson or text/csv';
        throw new DomainError('BAD_INPUT', message, 'content-type');
      }
      return spooled(http.raw, (list) =>
        context.ports.importUsers(userRowsOf(format, list), commandContext(principal, context)),
      );
    });
    done();
  });
};

const chunkSize = 64 * 1_024;

const spooled = async <T>(body: Readable, use: (list: Readable) => Promise<T>): Promise<T> => {
  const path = join(tmpdir(), `tidings-import-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    for await (const chunk of body) await file.appendFile(chunk as Buffer);
    return await use(Readable.from(chunksOf(file)));
  } finally {
    await file.close();
  }
};

async function* chunksOf(file: FileHandle): AsyncIterable<Buffer> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkSize), 0, chunkSize, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}
