import type { DemoValues } from './input.ts';

const plans = ['Starter', 'Studio', 'Team', 'Business'];
const products = [
  'Walnut desk lamp',
  'Merino travel blanket',
  'Enamel kettle, 1.5 l',
  'Folding bike helmet',
  "Gardener's apron",
  'Noise-cancelling headphones',
  'Cast-iron skillet & lid',
  'Linen bed set "Fjord"',
  'Trail running shoes, EU 42',
  'Matcha bowl 抹茶碗',
];
const carriers = ['Swiftpost', 'Blue Heron Parcel', 'Kestrel Express', 'Overland'];
/** Every letter is in the GSM-7 alphabet, so that one segment of SMS holds 160 of them. */
const cities = [
  'Zürich',
  'Malmö',
  'Nairobi',
  'Osaka',
  'A Coruña',
  'Tbilisi',
  'Chennai',
  'Halifax',
  'Adelaide',
  'Tromsø',
  'Addis Ababa',
  'Thessaloniki',
  'Cartagena',
  'Busan',
];
const devices = ['Pixel 9', 'iPhone 16', 'Galaxy S25', 'Firefox on Linux', 'Safari on iPad'];
/** With about how many of them make one euro. */
const currencies: readonly (readonly [code: string, rate: number])[] = [
  ['EUR', 1],
  ['USD', 1],
  ['GBP', 1],
  ['CHF', 1],
  ['BRL', 6],
  ['INR', 90],
  ['JPY', 160],
];
const purposes = ['sign in', 'confirm a payment', 'change your phone number', 'add a device'];
const highlights = [
  'Your team closed 14 tasks, the best week since spring.',
  'The design review moved to Thursday, 10:30.',
  'Three people commented on "Launch plan".',
  'Your report was read 212 times.',
  'Two invoices are waiting for your approval.',
];
const features: readonly (readonly [name: string, summary: string])[] = [
  ['Shared calendars', 'See at a glance when everyone has time, in every time zone.'],
  ['Quiet hours', 'No message wakes you any more, and none gets lost.'],
  ['Offline drafts', 'Write on the train; we send when you are back.'],
  ['Dark mode', 'Easy on the eyes at night, on all your devices.'],
  ['Faster search', 'Find any document in less than a second.'],
];

const dayOf = (day: number) => new Date(Date.UTC(2027, 0, 4 + day)).toISOString().slice(0, 10);

const pad = (value: number, width: number) => String(value).padStart(width, '0');
const link = (path: string, code: string) => `https://example.com/${path}/${code}`;

interface Draw {
  readonly number: (from: number, to: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly flag: () => boolean;
  /** Letters and digits that people don't mistake for each other. */
  readonly code: (length: number) => string;
}

/** Random-looking draws that depend on the seed alone, so that every run asks for the same messages. */
const drawFrom = (seed: string): Draw => {
  let state = 0;
  for (const letter of seed) state = (Math.imul(state, 31) + letter.charCodeAt(0)) | 0;
  // Mulberry32: enough to look random, and cheap beside a send.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const number = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    number,
    pick: <T>(from: readonly T[]) => from[number(0, from.length - 1)] as T,
    flag: () => number(0, 1) === 1,
    code: (length) =>
      Array.from({ length }, () => '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'.charAt(number(0, 31))).join(
        '',
      ),
  };
};

const price = ({ pick, number }: Draw) => {
  const [currencyCode, rate] = pick(currencies);
  return { currencyCode, amount: Math.round(number(900, 90_000) * rate) / 100 };
};

const values: Readonly<Record<string, (draw: Draw) => DemoValues>> = {
  welcome: ({ pick, flag, code }) => ({
    planName: pick(plans),
    startUrl: link('start', code(8)),
    ...pick([
      { trialDays: 14, trialEnds: dayOf(14) },
      { trialDays: 30, trialEnds: dayOf(30) },
    ]),
    invited: flag(),
  }),
  order_shipped: ({ number, pick, flag, code }) => ({
    orderNumber: `L-${number(100_000, 999_999)}`,
    productName: pick(products),
    itemCount: number(1, 6),
    carrier: pick(carriers),
    trackingNumber: code(12),
    trackingUrl: link('track', code(10)),
    city: pick(cities),
    deliveryDate: dayOf(number(0, 20)),
    signatureRequired: flag(),
  }),
  password_reset: ({ pick, code }) => ({
    resetUrl: link('reset', code(16)),
    device: pick(devices),
    city: pick(cities),
    expiresInMinutes: pick([15, 30, 60]),
  }),
  invoice_due: (draw) => ({
    invoiceNumber: `INV-2027-${draw.number(10_000, 99_999)}`,
    ...price(draw),
    dueDate: dayOf(draw.number(0, 27)),
    payUrl: link('pay', draw.code(12)),
    overdue: draw.flag(),
  }),
  security_alert: ({ number, pick, flag, code }) => ({
    device: pick(devices),
    city: pick(cities),
    signedInAt: `${dayOf(number(0, 27))}T${pad(number(0, 23), 2)}:${pad(number(0, 59), 2)}:00Z`,
    reviewUrl: link('review', code(12)),
    newDevice: flag(),
  }),
  weekly_digest: ({ number, pick, code }) => ({
    weekOf: dayOf(7 * number(0, 3)),
    newMessages: number(0, 240),
    openTasks: number(0, 35),
    highlights: Array.from({ length: number(1, 3) }, () => ({
      title: pick(highlights),
      link: link('read', code(6)),
    })),
    digestUrl: link('digest', code(8)),
  }),
  product_update: ({ number, pick, flag, code }) => {
    const [featureName, summary] = pick(features);
    return {
      featureName,
      summary,
      releaseVersion: `${number(4, 6)}.${number(0, 12)}`,
      learnMoreUrl: link('new', code(8)),
      requiresUpdate: flag(),
    };
  },
  one_time_code: ({ number, pick }) => ({
    code: pad(number(0, 999_999), 6),
    purpose: pick(purposes),
    expiresInMinutes: pick([5, 10, 15]),
  }),
};

/**
 * What the demo's nth notification passes to the template: its declared variables, no more and no
 * fewer, the same in every run. Throws when there is no such template.
 */
export const demoVariables = (templateName: string, sequence: number): DemoValues => {
  const make = values[templateName];
  if (make === undefined) throw new Error(`The demo has no template named ${templateName}`);
  return make(drawFrom(`${templateName}/${sequence}`));
};
