import { outcomes } from '../../projections/broadcasts.ts';
import {
  answer,
  idParameter,
  instant,
  json,
  keyParameter,
  refusal,
  requestFields,
  schemaRef,
  userId,
} from './openapiParts.ts';

const { variables, ...settings } = requestFields;
const rows = {
  'application/x-ndjson': {
    schema: schemaRef('ListRow'),
    example: '{"userId":"u-1","variables":{"code":"A-17"}}\n{"userId":"u-2"}\n',
  },
};
const query = [
  { name: 'title', in: 'query', schema: { type: 'string', maxLength: 200 } },
  ...Object.entries(settings).map(([name, schema]) => ({ name, in: 'query', schema })),
];
const count = { type: 'integer' } as const;
const recipientErrors = {
  rows: { ...count, description: 'Rows that are stored.' },
  refused: { ...count, description: 'Lines that are left out.' },
  errors: { type: 'array', items: schemaRef('RecipientError') },
};

/** Lists and broadcasts, as part of the OpenAPI document. */
export const broadcastPaths = {
  '/api/v1/lists': {
    post: {
      summary: 'Upload recipients, a JSON object per line; at most 250,000 rows and 64 MB',
      requestBody: { required: true, content: rows },
      responses: { '201': answer('Stored, line by line.', 'List'), '4XX': refusal },
    },
  },
  '/api/v1/broadcasts': {
    post: {
      summary: 'Send one template to everybody, to a segment or to a list',
      description:
        'As JSON with an audience; or a list as NDJSON, with what else there is to say in the query.',
      parameters: [keyParameter, ...query],
      requestBody: {
        required: true,
        content: { ...json('BroadcastRequest').content, ...rows },
      },
      responses: { '202': answer('Stored; it begins at once.', 'BroadcastAnswer'), '4XX': refusal },
    },
  },
  '/api/v1/broadcasts/{id}': {
    get: {
      summary: 'How far a broadcast is',
      parameters: [idParameter],
      responses: { '200': answer('Its progress and counts.', 'Broadcast'), '4XX': refusal },
    },
  },
};

export const broadcastSchemas = {
  ListRow: {
    type: 'object',
    additionalProperties: false,
    required: ['userId'],
    properties: { userId, variables },
  },
  RecipientError: {
    type: 'object',
    required: ['code', 'message'],
    properties: {
      line: count,
      userId: { type: 'string' },
      code: { type: 'string' },
      field: { type: 'string' },
      message: { type: 'string' },
    },
  },
  List: {
    type: 'object',
    required: ['listId', 'rows', 'refused', 'errors'],
    properties: { listId: { type: 'string' }, ...recipientErrors },
  },
  BroadcastRequest: {
    type: 'object',
    additionalProperties: false,
    required: ['audience', 'templateName', 'channel'],
    properties: {
      audience: {
        oneOf: [
          { const: 'all' },
          { type: 'object', required: ['segment'], properties: { segment: { type: 'string' } } },
          { type: 'object', required: ['listId'], properties: { listId: { type: 'string' } } },
        ],
      },
      title: { type: 'string', maxLength: 200 },
      ...requestFields,
    },
  },
  BroadcastAnswer: {
    type: 'object',
    required: ['broadcastId', 'duplicate'],
    properties: {
      broadcastId: { type: 'string' },
      duplicate: { type: 'boolean', description: 'The key was used before.' },
      ...recipientErrors,
    },
  },
  Broadcast: {
    type: 'object',
    required: ['id', 'status', 'accepted', 'suppressed', 'refused'],
    properties: {
      id: { type: 'string' },
      status: { enum: ['scheduled', 'running', 'paused', 'completed', 'cancelled'] },
      progress: { type: 'number', minimum: 0, maximum: 1 },
      recipients: count,
      accepted: count,
      suppressed: count,
      refused: count,
      ...Object.fromEntries(outcomes.map((outcome) => [outcome, count])),
      requestedAt: instant,
      startedAt: instant,
      completedAt: instant,
      cancelledAt: instant,
    },
  },
};
