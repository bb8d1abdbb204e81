import type { Decider, Event } from '../decider.ts';
import type { SchemasOf } from '../schema.ts';
import type { TemplateContent, TemplateSource } from './content.ts';
import { decide, type TemplateCommand } from './decide.ts';

export const templateStream = (name: string): string => `template-${name}`;

export type TemplateEvent =
  | Event<'TemplateCreated', { readonly name: string; readonly description?: string }>
  | Event<
      'TemplateVersionPublished',
      TemplateContent & { readonly version: number; readonly fromDraft?: true }
    >
  | Event<'TemplateVersionActivated', { readonly version: number }>
  | Event<
      'TemplateRolledBack',
      { readonly from: number; readonly to: number; readonly why: string }
    >
  | Event<'TemplateDraftSaved', { readonly content: TemplateSource }>
  | Event<'TemplateDraftDiscarded'>
  | Event<'TemplateArchived', { readonly why: string }>;

export const templateSchemas: SchemasOf<TemplateEvent> = {
  TemplateCreated: { version: 1, fields: { name: 'none', description: 'none' } },
  TemplateVersionPublished: {
    version: 3,
    fields: {
      version: 'none',
      category: 'none',
      priority: 'none',
      required: 'none',
      purpose: 'none',
      channels: 'none',
      defaultLocale: 'none',
      locales: 'none',
      layout: 'none',
      postalAddress: 'none',
      tracking: 'none',
      variables: 'none',
      schema: 'none',
      fromDraft: 'none',
    },
    // What versions 2 and 3 add may be absent.
    upcasters: { 1: (data) => data, 2: (data) => data },
  },
  TemplateVersionActivated: { version: 1, fields: { version: 'none' } },
  TemplateRolledBack: { version: 1, fields: { from: 'none', to: 'none', why: 'none' } },
  TemplateDraftSaved: { version: 1, fields: { content: 'none' } },
  TemplateDraftDiscarded: { version: 1, fields: {} },
  TemplateArchived: { version: 1, fields: { why: 'none' } },
};

export type TemplateState =
  | { readonly status: 'none' }
  | {
      readonly status: 'live' | 'archived';
      readonly name: string;
      readonly active: number | undefined;
      /** The content of each version; version n is at index n - 1. */
      readonly versions: readonly TemplateContent[];
      /** The versions that were active, oldest first; a roll-back takes the last one away. */
      readonly activations: readonly number[];
      /** What is being written for the next version. */
      readonly draft?: TemplateSource;
    };

/** A template that exists. */
export type KnownTemplate = Exclude<TemplateState, { status: 'none' }>;

const evolve = (state: TemplateState, event: TemplateEvent): TemplateState => {
  if (event.type === 'TemplateCreated') {
    return {
      status: 'live',
      name: event.data.name,
      active: undefined,
      versions: [],
      activations: [],
    };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'TemplateVersionPublished': {
      const { version: _, fromDraft, ...content } = event.data;
      const next = { ...state, versions: [...state.versions, content] };
      return fromDraft ? withoutDraft(next) : next;
    }
    case 'TemplateVersionActivated': {
      const { version } = event.data;
      return { ...state, active: version, activations: [...state.activations, version] };
    }
    case 'TemplateRolledBack':
      return { ...state, active: event.data.to, activations: state.activations.slice(0, -1) };
    case 'TemplateDraftSaved':
      return { ...state, draft: event.data.content };
    case 'TemplateDraftDiscarded':
      return withoutDraft(state);
    case 'TemplateArchived':
      return { ...state, status: 'archived' };
    default:
      return state;
  }
};

const withoutDraft = ({ draft: _, ...state }: KnownTemplate): KnownTemplate => state;

export const template: Decider<TemplateState, TemplateCommand, TemplateEvent> = {
  initialState: { status: 'none' },
  decide,
  evolve,
};
