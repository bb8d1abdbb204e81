import type { CliPorts } from './ports.ts';
import { untilSignal } from './untilSignal.ts';

/** `tidings start`: everything on this machine, until Ctrl-C. */
export const start = async (
  ports: CliPorts,
  options: { readonly port?: number; readonly dataDir?: string },
): Promise<number> => {
  const config = ports.readConfig({
    ...(options.port === undefined ? {} : { TIDINGS_PORT: String(options.port) }),
    ...(options.dataDir === undefined ? {} : { TIDINGS_DATA_DIR: options.dataDir }),
  });
  const tidings = await ports.startTidings(config, ports.createLogger(config.logLevel));
  const lines = [`Tidings runs (${config.roles.join(', ')}); its data are in ${config.dataDir}`];
  if (tidings.url !== undefined) {
    lines.push(`  GraphQL   ${tidings.url}/graphql`);
    lines.push(`  REST      ${tidings.url}/api/v1  (${tidings.url}/openapi.json)`);
    lines.push(`  health    ${tidings.url}/readyz`);
  }
  if (tidings.sandboxUrl !== undefined) {
    lines.push(`  sandbox   ${tidings.sandboxUrl}/sandbox/ledger/summary`);
    lines.push('            stands in for every provider without an account');
  }
  if (config.development && tidings.url !== undefined) {
    lines.push('', '  A token for a day (role admin):', `  ${await tidings.adminToken()}`);
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
  return untilSignal(() => tidings.close());
};
