import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';

const text = z.string().trim().min(1);
/** A key in PEM; line breaks may be written as `\n`, as hosts without multi-line settings need it. */
const pem = text
  .transform((key) => key.replaceAll('\\n', '\n'))
  .refine((key) => isPrivateKey(key), 'is not a private key in PEM');

const topicArn = text.regex(
  /^arn:aws[\w-]*:sns:[a-z\d-]+:\d{12}:[\w-]+$/,
  'is not the ARN of a topic',
);
const bytes = (count: number) =>
  text.refine(
    (value) => /^[\w-]+$/.test(value) && Buffer.from(value, 'base64url').length === count,
    `must be ${count} bytes in base64url`,
  );

/** What the environment says about accounts at providers. */
export const providerVariables = {
  SENDGRID_API_KEY: text.optional(),
  SENDGRID_WEBHOOK_PUBLIC_KEY: text.optional(),
  AWS_REGION: text.optional(),
  AWS_ACCESS_KEY_ID: text.optional(),
  AWS_SECRET_ACCESS_KEY: text.optional(),
  SES_CONFIGURATION_SET: text.optional(),
  SES_TOPIC_ARN: topicArn.optional(),
  MAILGUN_API_KEY: text.optional(),
  MAILGUN_DOMAIN: text.regex(/^[a-z\d.-]+$/i, 'is not a domain').optional(),
  MAILGUN_WEBHOOK_SIGNING_KEY: text.optional(),
  MAILGUN_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  SMTP_URL: text
    .refine((url) => URL.canParse(url) && /^smtps?:\/\/[^/]/.test(url), 'must be smtps://host:port')
    .optional(),
  SMTP_DKIM_DOMAIN: text.optional(),
  SMTP_DKIM_SELECTOR: text.optional(),
  SMTP_DKIM_PRIVATE_KEY: pem.optional(),
  TWILIO_ACCOUNT_SID: text.optional(),
  TWILIO_AUTH_TOKEN: text.optional(),
  TWILIO_FROM: text.optional(),
  AWS_SMS_ORIGINATION_IDENTITY: text.optional(),
  AWS_SMS_CONFIGURATION_SET: text.optional(),
  AWS_SMS_TOPIC_ARN: topicArn.optional(),
  AWS_SNS_SENDER_ID: text
    .regex(/^[A-Za-z\d]{1,11}$/, 'must be 1 to 11 letters or digits')
    .optional(),
  VONAGE_APPLICATION_ID: text.optional(),
  VONAGE_PRIVATE_KEY: pem.optional(),
  VONAGE_SIGNATURE_SECRET: text.optional(),
  VONAGE_FROM: text.optional(),
  FIREBASE_PROJECT_ID: text.optional(),
  FIREBASE_CLIENT_EMAIL: text.optional(),
  FIREBASE_PRIVATE_KEY: text.optional(),
  APNS_KEY: pem.optional(),
  APNS_KEY_ID: text.optional(),
  APNS_TEAM_ID: text.optional(),
  APNS_TOPIC: text.optional(),
  APNS_PRODUCTION: z.stringbool().default(true),
  VAPID_PUBLIC_KEY: bytes(65).optional(),
  VAPID_PRIVATE_KEY: bytes(32).optional(),
  VAPID_SUBJECT: text
    .regex(/^(mailto:|https:\/\/)./, 'must start with mailto: or https://')
    .optional(),
};

type Variables = z.infer<z.ZodObject<typeof providerVariables>>;

/** An account of AWS, whatever is sent through it. */
export interface AwsAccount {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The accounts that are configured. */
export interface ProviderSettings {
  readonly sendgrid: { readonly apiKey: string; readonly webhookPublicKey: string } | undefined;
  readonly ses:
    (AwsAccount & { readonly configurationSet: string; readonly topicArn: string }) | undefined;
  readonly mailgun:
    | {
        readonly apiKey: string;
        readonly domain: string;
        readonly webhookSigningKey: string;
        readonly baseUrl?: string;
      }
    | undefined;
  readonly smtp:
    | {
        readonly url: string;
        readonly dkim?: {
          readonly domain: string;
          readonly selector: string;
          readonly privateKey: string;
        };
      }
    | undefined;
  readonly twilio:
    { readonly accountSid: string; readonly authToken: string; readonly from: string } | undefined;
  readonly awsSms:
    | (AwsAccount & {
        readonly originationIdentity: string;
        readonly configurationSet: string;
        readonly topicArn: string;
      })
    | undefined;
  readonly sns: (AwsAccount & { readonly senderId: string }) | undefined;
  readonly vonage:
    | {
        readonly applicationId: string;
        readonly privateKey: string;
        readonly signatureSecret: string;
        readonly from: string;
      }
    | undefined;
  readonly apns:
    | {
        readonly key: string;
        readonly keyId: string;
        readonly teamId: string;
        readonly topic: string;
        readonly production: boolean;
      }
    | undefined;
  readonly webpush:
    | { readonly publicKey: string; readonly privateKey: string; readonly subject: string }
    | undefined;
  readonly firebase:
    | { readonly projectId: string; readonly clientEmail: string; readonly privateKey: string }
    | undefined;
}

/** @throws Error that names what is missing */
export const readProviders = (env: Variables): ProviderSettings => ({
  sendgrid: together(env, {
    apiKey: 'SENDGRID_API_KEY',
    webhookPublicKey: 'SENDGRID_WEBHOOK_PUBLIC_KEY',
  }),
  ses: withAws(
    env,
    together(env, { configurationSet: 'SES_CONFIGURATION_SET', topicArn: 'SES_TOPIC_ARN' }),
  ),
  mailgun: mailgunOf(env),
  smtp: smtpOf(env),
  twilio: together(env, {
    accountSid: 'TWILIO_ACCOUNT_SID',
    authToken: 'TWILIO_AUTH_TOKEN',
    from: 'TWILIO_FROM',
  }),
  awsSms: withAws(
    env,
    together(env, {
      originationIdentity: 'AWS_SMS_ORIGINATION_IDENTITY',
      configurationSet: 'AWS_SMS_CONFIGURATION_SET',
      topicArn: 'AWS_SMS_TOPIC_ARN',
    }),
  ),
  sns: withAws(env, together(env, { senderId: 'AWS_SNS_SENDER_ID' })),
  vonage: together(env, {
    applicationId: 'VONAGE_APPLICATION_ID',
    privateKey: 'VONAGE_PRIVATE_KEY',
    signatureSecret: 'VONAGE_SIGNATURE_SECRET',
    from: 'VONAGE_FROM',
  }),
  apns: apnsOf(env),
  webpush: together(env, {
    publicKey: 'VAPID_PUBLIC_KEY',
    privateKey: 'VAPID_PRIVATE_KEY',
    subject: 'VAPID_SUBJECT',
  }),
  firebase: together(env, {
    projectId: 'FIREBASE_PROJECT_ID',
    clientEmail: 'FIREBASE_CLIENT_EMAIL',
    privateKey: 'FIREBASE_PRIVATE_KEY',
  }),
});

const apnsOf = (env: Variables): ProviderSettings['apns'] => {
  const account = together(env, {
    key: 'APNS_KEY',
    keyId: 'APNS_KEY_ID',
    teamId: 'APNS_TEAM_ID',
    topic: 'APNS_TOPIC',
  });
  return account && { ...account, production: env.APNS_PRODUCTION };
};

const mailgunOf = (env: Variables): ProviderSettings['mailgun'] => {
  const account = together(env, {
    apiKey: 'MAILGUN_API_KEY',
    domain: 'MAILGUN_DOMAIN',
    webhookSigningKey: 'MAILGUN_WEBHOOK_SIGNING_KEY',
  });
  const { MAILGUN_BASE_URL: baseUrl } = env;
  return account && { ...account, ...(baseUrl === undefined ? {} : { baseUrl }) };
};

const smtpOf = (env: Variables): ProviderSettings['smtp'] => {
  const dkim = together(env, {
    domain: 'SMTP_DKIM_DOMAIN',
    selector: 'SMTP_DKIM_SELECTOR',
    privateKey: 'SMTP_DKIM_PRIVATE_KEY',
  });
  const { SMTP_URL: url } = env;
  if (url !== undefined) return { url, ...(dkim && { dkim }) };
  if (dkim) throw new Error('SMTP_URL must be set as well');
  return undefined;
};

/**
 * What is sent through AWS needs an account there. The account alone says nothing: AWS_REGION and the keys are in many
 * environments for other reasons.
 */
const withAws = <T extends object>(
  env: Variables,
  service: T | undefined,
): (AwsAccount & T) | undefined => {
  if (!service) return undefined;
  const names = {
    region: 'AWS_REGION',
    accessKeyId: 'AWS_ACCESS_KEY_ID',
    secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  } as const;
  const account = together(env, names);
  if (!account) throw new Error(`${Object.values(names).join(', ')} must be set as well`);
  return { ...account, ...service };
};

/** Settings that make sense only together: all of them, or undefined. */
const together = <K extends string>(
  env: Variables,
  names: Readonly<Record<K, keyof Variables>>,
): Readonly<Record<K, string>> | undefined => {
  const entries = Object.entries<keyof Variables>(names);
  const missing = entries.filter(([, name]) => env[name] === undefined).map(([, name]) => name);
  if (missing.length === entries.length) return undefined;
  if (missing.length > 0) throw new Error(`${missing.join(', ')} must be set as well`);
  return Object.fromEntries(entries.map(([key, name]) => [key, env[name]])) as Record<K, string>;
};

const isPrivateKey = (key: string): boolean => {
  try {
    createPrivateKey(key);
    return true;
  } catch {
    return false;
  }
};
