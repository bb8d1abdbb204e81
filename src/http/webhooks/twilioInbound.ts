import type { InboundResult, InboundText } from '../../commands/inboundText.ts';
import { type Refusal, refuse, type WebhookHeaders } from './report.ts';
import { readSignedForm } from './twilio.ts';

/** A text message that came back, or why it isn't taken. */
export type InboundWebhook = { readonly ok: true; readonly text: InboundText } | Refusal;

const optOutTypes = { STOP: 'stop', START: 'start', HELP: 'help' } as const;

/** Words that Twilio acts on and answers itself when they stand alone (facts, providers §5). */
const answeredByTwilio: ReadonlySet<string> = new Set(
  'STOP UNSUBSCRIBE END QUIT STOPALL REVOKE OPTOUT CANCEL START YES UNSTOP HELP INFO'.split(' '),
);

/** Verifies and reads a text message that somebody sent to us; `url` as for a status callback. */
export const readTwilioInbound = (
  rawBody: Buffer,
  headers: WebhookHeaders,
  config: { readonly authToken: string; readonly url: string },
): InboundWebhook => {
  const form = readSignedForm(rawBody, headers, config);
  if (!(form instanceof URLSearchParams)) return form;
  const from = form.get('From') ?? '';
  if (!/^\+[1-9]\d{6,14}$/.test(from)) {
    return refuse(400, 'the form names no sender');
  }
  const id = form.get('MessageSid') ?? form.get('SmsSid') ?? '';
  if (!/^\w{1,64}$/.test(id)) return refuse(400, 'the form names no message');
  const type = form.get('OptOutType') ?? '';
  const heardAs = Object.hasOwn(optOutTypes, type)
    ? optOutTypes[type as keyof typeof optOutTypes]
    : undefined;
  const body = (form.get('Body') ?? '').slice(0, 1_600);
  return { ok: true, text: { id, provider: 'twilio', from, body, ...(heardAs && { heardAs }) } };
};

const said = {
  stop: 'You will get no more text messages from us. Answer START to get them again.',
  unclear: 'You will get no more marketing by text message. Answer STOP to end all text messages.',
  start: 'You get text messages from us again. Answer STOP to end them.',
  help: 'Answer STOP to get no more text messages from us, START to get them again.',
} as const;

/**
 * What Twilio is to answer, as TwiML: one confirmation, then silence (facts L17), and none where Twilio has
 * answered by itself.
 */
export const twimlFor = (
  { body, heardAs }: InboundText,
  { meaning, changed }: InboundResult,
): string => {
  const answered = heardAs !== undefined || answeredByTwilio.has(body.trim().toUpperCase());
  const silent = answered || meaning === 'other' || (meaning !== 'help' && !changed);
  const message = silent ? '' : `<Message>${said[meaning]}</Message>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${message}</Response>`;
};
