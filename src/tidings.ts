import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { RunningTidings } from './cli/ports.ts';
import type { Config } from './config.ts';
import type { Accounts } from './dispatchers/providers/accounts.ts';
import { signToken } from './http/auth.ts';
import { startApi } from './roles/api.ts';
import { startDispatch } from './roles/dispatch.ts';
import { openLifecycle } from './roles/lifecycle.ts';
import { openParts, type Parts } from './roles/parts.ts';
import { startProjector } from './roles/projector.ts';
import { startProjectorThread } from './roles/projectorThread.ts';
import type { Projector } from './projections/projector.ts';
import { type Sandbox, startSandbox } from './sandbox/index.ts';

const day = 24 * 3_600;

/**
 * Starts the roles of the configuration, with the embedded stores and the sandbox where nothing else is
 * configured. Closing stops taking work, finishes what is under way and closes everything in reverse
 * order.
 */
export const startTidings = async (config: Config, logger: Logger): Promise<RunningTidings> => {
  const lifecycle = openLifecycle(logger);
  const { close } = lifecycle;
  try {
    await mkdir(config.dataDir, { recursive: true });
    const parts = await openParts(config, logger, lifecycle);
    const { roles } = config;
    const projector = roles.includes('projector') ? openProjector(parts) : undefined;

    let url: string | undefined;
    const publicUrl = () => config.publicUrl ?? url ?? `http://${config.host}:${config.port}`;
    const webhooks: { sendgrid?: { publicKey: string }; twilio?: { authToken: string } } = {};
    if (roles.includes('api')) url = await startApi(parts, { projector, webhooks, publicUrl });

    let sandbox: Sandbox | undefined;
    if (roles.includes('dispatcher') || roles.includes('scheduler')) {
      sandbox = needsSandbox(config) ? await openSandbox(parts, publicUrl()) : undefined;
      await startDispatch(parts, { accounts: accountsOf(config, sandbox), publicUrl });
    }
    Object.assign(webhooks, webhookKeys(config, sandbox));

    const admin = { role: 'admin', clientId: 'admin' } as const;
    const { jwt } = parts.secrets;
    return {
      url,
      sandboxUrl: sandbox?.url,
      adminToken: () => signToken(admin, jwt, { now: new Date(), lifetimeSeconds: day }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Beside other roles the projector has a thread of its own; alone it has the process. */
const openProjector = (parts: Parts): Pick<Projector, 'status'> => {
  if (parts.config.roles.length === 1) return startProjector(parts);
  const thread = startProjectorThread(parts.config);
  parts.onClose('work', () => thread.close());
  return thread;
};

const needsSandbox = ({ sendgrid, twilio, firebase }: Config): boolean =>
  [sendgrid, twilio, firebase].includes(undefined);

const openSandbox = async (
  { config, onClose }: Parts,
  webhookBaseUrl: string,
): Promise<Sandbox> => {
  const { dataDir, sandboxLatencyMs: latencyMs } = config;
  const sandbox = await startSandbox({ dataDir, latencyMs, webhookBaseUrl });
  onClose('providers', () => sandbox.close());
  return sandbox;
};

/** The account that is configured for each provider, or its simulator. */
const accountsOf = (config: Config, sandbox: Sandbox | undefined): Accounts => {
  const { firebase } = config;
  const simulated = sandbox && {
    ...sandbox.fcm,
    credential: { accessToken: sandbox.fcm.accessToken },
  };
  return {
    sendgrid: config.sendgrid ?? sandbox?.sendgrid,
    twilio: config.twilio ?? sandbox?.twilio,
    fcm: firebase ? { projectId: firebase.projectId, credential: firebase } : simulated,
  };
};

/** What webhooks are verified with, by the same choice. */
const webhookKeys = (config: Config, sandbox: Sandbox | undefined) => {
  const publicKey = config.sendgrid?.webhookPublicKey ?? sandbox?.sendgrid.webhookPublicKey;
  const authToken = config.twilio?.authToken ?? sandbox?.twilio.authToken;
  return {
    ...(publicKey === undefined ? {} : { sendgrid: { publicKey } }),
    ...(authToken === undefined ? {} : { twilio: { authToken } }),
  };
};
