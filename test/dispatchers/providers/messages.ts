import type {
  EmailMessage,
  PushMessage,
  SmsMessage,
} from '../../../src/dispatchers/providers/provider.ts';

export const email = (
  notificationId: string,
  changes: Partial<EmailMessage> = {},
): EmailMessage => ({
  channel: 'email',
  notificationId,
  attempt: 1,
  to: { address: 'zoe.okafor@example.com', name: 'Zoë Okafor' },
  from: { address: 'hello@tidings.example', name: 'Tidings' },
  subject: 'Your order is on its way',
  html: '<p>On its way: <a href="https://shop.example/orders/7">order 7</a></p>',
  text: 'On its way: order 7',
  category: 'order-shipped',
  ...changes,
});

export const sms = (notificationId: string, changes: Partial<SmsMessage> = {}): SmsMessage => ({
  channel: 'sms',
  notificationId,
  attempt: 1,
  to: '+15551230001',
  body: 'Your code is 481516',
  category: 'transactional',
  statusCallbackUrl: `https://tidings.example/webhooks/twilio?nid=${notificationId}`,
  ...changes,
});

export const push = (notificationId: string, changes: Partial<PushMessage> = {}): PushMessage => ({
  channel: 'push',
  notificationId,
  attempt: 1,
  devices: [{ platform: 'fcm', token: 'device-of-zoe' }],
  title: 'On its way',
  body: 'Order 7 left the warehouse',
  data: { notificationId },
  ...changes,
});
