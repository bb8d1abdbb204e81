import { layouts, templates } from '../aggregates.ts';
import type { Execute } from '../execute.ts';
import type { LoadState } from '../executor.ts';
import type { TemplatePorts } from './commands.ts';
import type { CompileMjml } from './mjml.ts';

/** What templates are written and previewed with: their streams, those of layouts, and MJML. */
export const templatePorts = (
  execute: Execute,
  load: LoadState,
  compileMjml: CompileMjml,
  changed: (name: string) => void,
): TemplatePorts => ({
  execute,
  compileMjml,
  changed,
  load: async (name) => {
    const { state } = await load(templates, name);
    return state.status === 'none' ? undefined : state;
  },
  findLayout: async (name) => {
    const { state } = await load(layouts, name);
    if (state.status === 'none') return undefined;
    return { archived: state.status === 'archived', versions: state.versions };
  },
});
