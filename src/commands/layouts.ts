import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { LayoutContent } from '../domain/layout/content.ts';
import type { LayoutCommand, LayoutState } from '../domain/layout/layout.ts';
import { layouts } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';

/** A layout as it is after the command, with the cursor to follow from. */
export interface LayoutChanged {
  readonly layout: Exclude<LayoutState, { status: 'none' }>;
  readonly cursor?: string;
}

/** The write API of layouts. Every function may be repeated; a repeat changes nothing. */
export interface LayoutCommands {
  /** The next version; the first one makes the layout. @throws DomainError LAYOUT_INVALID, LAYOUT_ARCHIVED */
  publish(name: string, content: LayoutContent, by: CommandContext): Promise<LayoutChanged>;
  /** No template can be published with it any more. @throws DomainError UNKNOWN_LAYOUT */
  archive(name: string, why: string, by: CommandContext): Promise<LayoutChanged>;
}

export const createLayoutCommands = (execute: Execute): LayoutCommands => {
  const change = async (name: string, command: LayoutCommand, by: CommandContext) => {
    checkIdentifier(name, 'name');
    const { state, cursor } = await execute(layouts, name, [command], by);
    if (state.status === 'none') throw new DomainError('UNKNOWN_LAYOUT', 'no such layout', 'name');
    return { layout: state, ...(cursor === undefined ? {} : { cursor }) };
  };
  return {
    publish: async (name, content, by) =>
      change(name, { type: 'PublishLayout', name, content }, by),
    archive: (name, why, by) => change(name, { type: 'ArchiveLayout', why }, by),
  };
};
