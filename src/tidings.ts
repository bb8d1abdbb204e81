import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { planProviders, simulatedChannels, webhookAccounts } from './accounts.ts';
import type { RunningTidings } from './cli/ports.ts';
import type { Config } from './config.ts';
import { signToken } from './http/auth.ts';
import type { WebhookAccounts } from './http/webhooks/readers.ts';
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
    const webhooks: WebhookAccounts = {};
    if (roles.includes('api')) url = await startApi(parts, { projector, webhooks, publicUrl });

    let sandbox: Sandbox | undefined;
    if (roles.includes('dispatcher') || roles.includes('scheduler')) {
      const isNeeded = simulatedChannels(config).length > 0;
      sandbox = isNeeded ? await openSandbox(parts, publicUrl()) : undefined;
      await startDispatch(parts, { plan: planProviders(config, sandbox), publicUrl });
    }
    Object.assign(webhooks, webhookAccounts(config, sandbox));

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

const openSandbox = async (
  { config, onClose }: Parts,
  webhookBaseUrl: string,
): Promise<Sandbox> => {
  const { dataDir, sandboxLatencyMs: latencyMs } = config;
  const sandbox = await startSandbox({ dataDir, latencyMs, webhookBaseUrl });
  onClose('providers', () => sandbox.close());
  return sandbox;
};
