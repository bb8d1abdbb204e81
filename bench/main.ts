import { Command } from 'commander';
import { commit, machine } from '../tools/conditions.ts';
import type { BenchScenario } from './scenario.ts';

const scenarios: Readonly<Record<string, () => Promise<{ readonly scenario: BenchScenario }>>> = {
  bulk: () => import('./bulk.ts'),
  eventstore: () => import('./eventstore.ts'),
  readmodels: () => import('./readmodels.ts'),
  scheduled: () => import('./scheduled.ts'),
};

const program = new Command('bench').description(
  'Measures one part; the last line on standard output is JSON.',
);
for (const [name, load] of Object.entries(scenarios)) {
  const { scenario } = await load();
  const command = program
    .command(name)
    .description(scenario.description)
    .option('--json', 'for the record; the JSON line is printed in any case', false);
  scenario.addOptions?.(command);
  command.action(async (options: Record<string, unknown>) => {
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const { conditions, results, ceilings } = await scenario.run(options, say);
    const report = {
      scenario: name,
      commit: commit(),
      conditions: { ...machine(), ...conditions },
      results,
      ceilings,
    };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  });
}
await program.parseAsync();
