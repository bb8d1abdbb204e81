import { errorCodes } from '../../domain/errors.ts';
import { categories, channels } from '../../domain/vocabulary.ts';
import { notificationStatuses } from '../../projections/notifications.ts';
import { broadcastPaths, broadcastSchemas } from './openapiBroadcasts.ts';
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

const webhook = (summary: string, contentType: string) => ({
  post: {
    summary,
    security: [],
    requestBody: { required: true, content: { [contentType]: {} } },
    responses: {
      '204': { description: 'Stored.' },
      '400': refusal,
      '401': refusal,
      '404': refusal,
      '503': answer('Not stored; send it again.', 'Error'),
    },
  },
});
const health = (summary: string) => ({
  get: {
    summary,
    security: [],
    responses: { '200': { description: 'Yes.' }, '503': { description: 'No.' } },
  },
});
const page = (description: string) => ({ description, content: { 'text/html': {} } });

const switches = {
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(categories.map((category) => [category, { type: 'boolean' }])),
};

/** The REST surface as OpenAPI 3.1; a test holds it against the routes. */
export const openApi = {
  openapi: '3.1.0',
  info: {
    title: 'Tidings',
    version: '1',
    description: 'Notifications by email, SMS, push and in-app. GraphQL at /graphql can do more.',
  },
  security: [{ token: [] }],
  paths: {
    '/api/v1/notifications': {
      post: {
        summary: 'Ask for one message to one user',
        parameters: [keyParameter],
        requestBody: { required: true, ...json('NotificationRequest') },
        responses: { '202': answer('Stored.', 'NotificationAnswer'), '4XX': refusal },
      },
    },
    '/api/v1/notifications/bulk': {
      post: {
        summary: 'Ask for one message to each of up to 10,000 users',
        parameters: [keyParameter],
        requestBody: { required: true, ...json('BulkRequest') },
        responses: { '202': answer('User by user.', 'BulkAnswer'), '4XX': refusal },
      },
    },
    '/api/v1/notifications/{id}': {
      get: {
        summary: 'What became of a notification',
        parameters: [idParameter],
        responses: { '200': answer('Its status and story.', 'Notification'), '4XX': refusal },
      },
    },
    '/api/v1/users': {
      post: {
        summary: 'Register a user; may be repeated',
        requestBody: { required: true, ...json('User') },
        responses: { '201': answer('The user.', 'User'), '4XX': refusal },
      },
    },
    '/api/v1/users/import': {
      post: {
        summary: 'Register or update the users of a list of any length; may be repeated',
        requestBody: {
          required: true,
          content: { 'application/x-ndjson': {}, 'text/csv': {} },
        },
        responses: { '200': answer('What became of them.', 'ImportReport'), '4XX': refusal },
      },
    },
    '/api/v1/users/{id}': {
      parameters: [idParameter],
      get: {
        summary: 'A user',
        responses: { '200': answer('The user.', 'User'), '4XX': refusal },
      },
      patch: {
        summary: 'Change what is named; null removes it',
        requestBody: { required: true, ...json('User') },
        responses: { '200': answer('The user.', 'User'), '4XX': refusal },
      },
    },
    ...broadcastPaths,
    '/api/v1/users/{id}/preferences': {
      put: {
        summary: 'Change what a user wants to get; what is not named stays',
        parameters: [idParameter],
        requestBody: { required: true, ...json('Preferences') },
        responses: { '200': answer('All of them.', 'Preferences'), '4XX': refusal },
      },
    },
    '/webhooks/sendgrid': webhook("SendGrid's signed event webhook", 'application/json'),
    '/webhooks/twilio': webhook(
      "Twilio's signed status callback",
      'application/x-www-form-urlencoded',
    ),
    '/webhooks/twilio/inbound': webhook(
      'A text message that came back: STOP, START, HELP',
      'application/x-www-form-urlencoded',
    ),
    '/webhooks/device': webhook('What devices acknowledge with their token', 'application/json'),
    '/unsubscribe/{token}': {
      parameters: [{ ...idParameter, name: 'token' }],
      get: {
        summary: 'A page with a button; changes nothing',
        security: [],
        responses: { '200': page('The page.'), '404': page('Not a link of ours.') },
      },
      post: {
        summary: 'One-click unsubscription (RFC 8058); may be repeated',
        security: [],
        responses: { '200': page('Unsubscribed.'), '404': page('Not a link of ours.') },
      },
    },
    '/healthz': health('Is the process alive?'),
    '/readyz': health('Can it take requests?'),
    '/openapi.json': {
      get: {
        summary: 'This document',
        security: [],
        responses: { '200': { description: 'OpenAPI 3.1.' } },
      },
    },
  },
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    schemas: {
      NotificationRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['userId', 'templateName', 'channel'],
        properties: { userId, ...requestFields },
      },
      NotificationAnswer: {
        type: 'object',
        required: ['notificationId', 'status'],
        properties: {
          notificationId: { type: 'string' },
          status: { enum: ['queued', 'scheduled', 'deferred', 'expired', 'suppressed'] },
          estimatedDelivery: instant,
          reason: { type: 'string', description: 'Why it is suppressed.' },
        },
      },
      BulkRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['userIds', 'templateName', 'channel'],
        properties: {
          userIds: { type: 'array', items: userId, minItems: 1, maxItems: 10_000 },
          ...requestFields,
        },
      },
      BulkAnswer: {
        type: 'object',
        properties: {
          accepted: { type: 'integer' },
          suppressed: { type: 'integer' },
          refused: { type: 'integer' },
          results: {
            type: 'array',
            description: 'In the order of userIds.',
            items: {
              anyOf: [schemaRef('NotificationAnswer'), schemaRef('Error')],
              properties: { userId: { type: 'string' } },
            },
          },
        },
      },
      ...broadcastSchemas,
      Notification: {
        type: 'object',
        required: ['id', 'userId', 'channel', 'templateName', 'status', 'requestedAt', 'events'],
        properties: {
          id: { type: 'string' },
          userId: { type: 'string' },
          channel: { enum: channels },
          templateName: { type: 'string' },
          status: { enum: notificationStatuses.map((status) => status.toLowerCase()) },
          requestedAt: instant,
          scheduledAt: instant,
          localTime: { type: 'string' },
          expiresAt: instant,
          sentAt: instant,
          deliveredAt: instant,
          openedAt: instant,
          clickedAt: instant,
          bouncedAt: instant,
          error: { type: 'string' },
          events: {
            type: 'array',
            items: {
              type: 'object',
              properties: { type: { type: 'string' }, timestamp: instant },
            },
          },
        },
      },
      User: {
        type: 'object',
        properties: {
          id: userId,
          name: { type: ['string', 'null'] },
          email: { type: ['string', 'null'] },
          phone: { type: ['string', 'null'], description: 'E.164.' },
          timezone: { type: 'string', description: 'IANA.' },
          locale: { type: 'string', description: 'BCP 47.' },
          attributes: {
            type: 'object',
            additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
          },
        },
      },
      ImportReport: {
        type: 'object',
        properties: {
          rows: { type: 'integer' },
          registered: { type: 'integer' },
          updated: { type: 'integer' },
          unchanged: { type: 'integer' },
          refused: { type: 'integer' },
          problems: {
            type: 'array',
            description: 'The first thousand of the refused.',
            items: {
              type: 'object',
              properties: {
                line: { type: 'integer' },
                code: { type: 'string' },
                field: { type: 'string' },
                reason: { type: 'string' },
              },
            },
          },
        },
      },
      Preferences: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(channels.map((channel) => [channel, switches])),
      },
      Error: {
        type: 'object',
        required: ['error'],
        properties: {
          error: {
            type: 'object',
            required: ['code', 'message'],
            properties: {
              code: {
                enum: [
                  ...errorCodes,
                  'NOT_FOUND',
                  'METHOD_NOT_ALLOWED',
                  'UNSUPPORTED_MEDIA_TYPE',
                  'INTERNAL',
                ],
              },
              field: { type: 'string', description: 'The part of the input to blame.' },
              message: { type: 'string' },
              correlationId: { type: 'string', description: 'Names an error of ours in our log.' },
            },
          },
        },
      },
    },
  },
} as const;
