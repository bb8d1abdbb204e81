/** What the descriptions of several endpoints are made of. */
import { channels, priorities } from '../../domain/vocabulary.ts';

export const instant = { type: 'string', format: 'date-time' } as const;
export const userId = {
  type: ['string', 'integer'],
  description: 'Opaque; no email, no phone number.',
};

export const requestFields = {
  templateName: { type: 'string' },
  channel: { enum: channels },
  variables: {
    type: 'object',
    description:
      'What the schema of the template version allows; at most 512 KB and 5 levels deep.',
  },
  scheduledAt: { ...instant, description: 'At most a year ahead.' },
  localTime: {
    type: 'string',
    example: '2027-01-31T10:00',
    description: "Instead of scheduledAt: a time on the clock of each reader's time zone.",
  },
  expiresAt: { ...instant, description: 'What is not sent by then is never sent.' },
  priority: { enum: priorities },
} as const;

export const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
export const json = (name: string) => ({
  content: { 'application/json': { schema: schemaRef(name) } },
});
export const answer = (description: string, name: string) => ({ description, ...json(name) });
export const refusal = answer('Refused; the code and the field say why.', 'Error');
export const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
export const keyParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: { type: 'string', minLength: 1, maxLength: 256 },
  description: 'The same key never makes a second notification to the same user.',
};
