import type { Sandbox } from '../../src/sandbox/index.ts';

/** Requests as the vendors' clients write them, without the SDKs. */
export function wireOf(sandbox: Sandbox, callbackBase: string) {
  const post = async (path: string, authorization: string, type: string, body: string) => {
    const headers = { authorization, 'content-type': type };
    const response = await fetch(sandbox.url + path, { method: 'POST', headers, body });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const { sendgrid, twilio, fcm } = sandbox;
  const basic = Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString('base64');
  return {
    email: (notificationId: string, address = 'reader@example.com', changes: object = {}) =>
      post(
        '/v3/mail/send',
        `Bearer ${sendgrid.apiKey}`,
        'application/json',
        JSON.stringify({
          personalizations: [
            { to: [{ email: address }], custom_args: { notification_id: notificationId } },
          ],
          from: { email: 'hello@tidings.example' },
          subject: 'Hello',
          content: [{ type: 'text/html', value: '<a href="https://shop.example/7">7</a>' }],
          ...changes,
        }),
      ),
    sms: (notificationId: string, to = '+15551230001') =>
      post(
        `/2010-04-01/Accounts/${twilio.accountSid}/Messages.json`,
        `Basic ${basic}`,
        'application/x-www-form-urlencoded',
        new URLSearchParams({
          To: to,
          From: twilio.from,
          Body: 'Hello',
          StatusCallback: `${callbackBase}/webhooks/twilio?nid=${notificationId}&attempt=1`,
        }).toString(),
      ),
    push: (notificationId: string, token = 'device', data: object = {}) =>
      post(
        `/v1/projects/${fcm.projectId}/messages:send`,
        `Bearer ${fcm.accessToken}`,
        'application/json',
        JSON.stringify({
          message: {
            token,
            notification: { title: 'Hello', body: 'World' },
            data: {
              notificationId,
              ackUrl: `${callbackBase}/webhooks/device`,
              ackToken: `token-of-${notificationId}`,
              ...data,
            },
          },
        }),
      ),
  };
}
