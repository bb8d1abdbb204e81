import { Command } from 'commander';
import { commit } from '../tools/conditions.ts';
import type { ChaosOptions, ChaosScenario } from './scenario.ts';

const scenarios: Readonly<Record<string, () => Promise<{ readonly scenario: ChaosScenario }>>> = {
  bulk: () => import('./bulk.ts'),
  delivery: () => import('./delivery.ts'),
  eventstore: () => import('./eventstore.ts'),
  readmodels: () => import('./readmodels.ts'),
};

const program = new Command('chaos').description(
  'Kills processes at random moments and counts what was lost; exits 0 only when nothing was.',
);
for (const [name, load] of Object.entries(scenarios)) {
  const { scenario } = await load();
  const command = program
    .command(name)
    .description(scenario.description)
    .option('--kills <count>', 'how many', Number, 20)
    .option('--minutes <count>', 'stop after so long', Number, 15)
    .option('--seed <number>', 'of the random moments', Number, 1)
    .option('--json', 'for the record; the JSON line is printed in any case', false);
  scenario.addOptions?.(command);
  command.action(async (options: ChaosOptions & Record<string, unknown>) => {
    const started = performance.now();
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const found = await scenario.run(options, say);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const report = { scenario: name, commit: commit(), seed: options.seed, ...found, seconds };
    process.stdout.write(`${JSON.stringify(report)}\n`);
    const broken = found.lost + found.duplicated + (found.problems?.length ?? 0) > 0;
    process.exitCode = broken ? 1 : 0;
  });
}
await program.parseAsync();
