import { canonical } from '../canonical.ts';
import type { Decider, Event } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { SchemasOf } from '../schema.ts';
import { refuseProblems } from '../template/problem.ts';
import type { LayoutContent } from './content.ts';
import { layoutProblems } from './problems.ts';

export const layoutStream = (name: string): string => `layout-${name}`;

export type LayoutEvent =
  | Event<'LayoutPublished', LayoutContent & { readonly name: string; readonly version: number }>
  | Event<'LayoutArchived', { readonly why: string }>;

export const layoutSchemas: SchemasOf<LayoutEvent> = {
  LayoutPublished: {
    version: 1,
    fields: {
      name: 'none',
      version: 'none',
      html: 'none',
      mjml: 'none',
      text: 'none',
      defaultLocale: 'none',
      locales: 'none',
      postalAddress: 'none',
    },
  },
  LayoutArchived: { version: 1, fields: { why: 'none' } },
};

export type LayoutState =
  | { readonly status: 'none' }
  | {
      readonly status: 'live' | 'archived';
      readonly name: string;
      /** The content of each version; version n is at index n - 1. Templates take the newest. */
      readonly versions: readonly LayoutContent[];
    };

const evolve = (state: LayoutState, event: LayoutEvent): LayoutState => {
  switch (event.type) {
    case 'LayoutPublished': {
      const { name, version: _, ...content } = event.data;
      const versions = state.status === 'none' ? [] : state.versions;
      return { status: 'live', name, versions: [...versions, content] };
    }
    case 'LayoutArchived':
      return state.status === 'none' ? state : { ...state, status: 'archived' };
    default:
      return state;
  }
};

export type LayoutCommand =
  | { readonly type: 'PublishLayout'; readonly name: string; readonly content: LayoutContent }
  | { readonly type: 'ArchiveLayout'; readonly why: string };

const decide = (command: LayoutCommand, state: LayoutState): readonly LayoutEvent[] => {
  if (command.type === 'PublishLayout') {
    const { name, content } = command;
    if (state.status === 'archived') {
      throw new DomainError('LAYOUT_ARCHIVED', 'the layout is archived', 'name');
    }
    const versions = state.status === 'none' ? [] : state.versions;
    const last = versions.at(-1);
    if (last && canonical(last) === canonical(content)) return [];
    refuseProblems('LAYOUT_INVALID', layoutProblems(content));
    const version = versions.length + 1;
    return [{ type: 'LayoutPublished', data: { name, version, ...content } }];
  }
  if (state.status === 'none') {
    throw new DomainError('UNKNOWN_LAYOUT', 'there is no such layout', 'name');
  }
  return state.status === 'archived'
    ? []
    : [{ type: 'LayoutArchived', data: { why: command.why } }];
};

/** What templates' emails stand in: published and versioned; a template keeps the version it was published with. */
export const layout: Decider<LayoutState, LayoutCommand, LayoutEvent> = {
  initialState: { status: 'none' },
  decide,
  evolve,
};
