import type { Decider, Event } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { SchemasOf } from '../schema.ts';
import { problemsOf, type TemplateContent } from './content.ts';

export const templateStream = (name: string): string => `template-${name}`;

export type TemplateEvent =
  | Event<'TemplateCreated', { readonly name: string; readonly description?: string }>
  | Event<
      'TemplateVersionPublished',
      TemplateContent & { readonly version: number; readonly fromDraft?: true }
    >
  | Event<'TemplateVersionActivated', { readonly version: number }>
  | Event<'TemplateArchived', { readonly why: string }>;

export const templateSchemas: SchemasOf<TemplateEvent> = {
  TemplateCreated: { version: 1, fields: { name: 'none', description: 'none' } },
  TemplateVersionPublished: {
    version: 2,
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
      variables: 'none',
      schema: 'none',
      fromDraft: 'none',
    },
    // What version 2 adds may be absent.
    upcasters: { 1: (data) => data },
  },
  TemplateVersionActivated: { version: 1, fields: { version: 'none' } },
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
    };

const evolve = (state: TemplateState, event: TemplateEvent): TemplateState => {
  if (event.type === 'TemplateCreated') {
    return { status: 'live', name: event.data.name, active: undefined, versions: [] };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'TemplateVersionPublished': {
      const { version: _, fromDraft: __, ...content } = event.data;
      return { ...state, versions: [...state.versions, content] };
    }
    case 'TemplateVersionActivated':
      return { ...state, active: event.data.version };
    case 'TemplateArchived':
      return { ...state, status: 'archived' };
    default:
      return state;
  }
};

export type TemplateCommand =
  | {
      readonly type: 'CreateTemplate';
      readonly name: string;
      readonly description?: string;
      readonly content: TemplateContent;
    }
  | { readonly type: 'PublishTemplateVersion'; readonly content: TemplateContent }
  | { readonly type: 'ActivateTemplateVersion'; readonly version: number }
  | { readonly type: 'ArchiveTemplate'; readonly why: string };

const decide = (command: TemplateCommand, state: TemplateState): readonly TemplateEvent[] => {
  if (command.type === 'CreateTemplate') {
    const { name, description, content } = command;
    if (state.status !== 'none') {
      if (same(state.versions[0], content)) return [];
      throw new DomainError('TEMPLATE_EXISTS', `template ${name} exists already`, 'name');
    }
    refuseProblems(content);
    return [
      {
        type: 'TemplateCreated',
        data: { name, ...(description === undefined ? {} : { description }) },
      },
      { type: 'TemplateVersionPublished', data: { version: 1, ...content } },
      { type: 'TemplateVersionActivated', data: { version: 1 } },
    ];
  }
  if (state.status === 'none') {
    throw new DomainError('UNKNOWN_TEMPLATE', 'there is no such template', 'name');
  }
  if (command.type === 'ArchiveTemplate') {
    return state.status === 'archived'
      ? []
      : [{ type: 'TemplateArchived', data: { why: command.why } }];
  }
  if (state.status === 'archived') {
    throw new DomainError('TEMPLATE_ARCHIVED', 'the template is archived', 'name');
  }
  switch (command.type) {
    case 'PublishTemplateVersion': {
      if (same(state.versions.at(-1), command.content)) return [];
      refuseProblems(command.content);
      const version = state.versions.length + 1;
      return [{ type: 'TemplateVersionPublished', data: { version, ...command.content } }];
    }
    case 'ActivateTemplateVersion': {
      const { version } = command;
      if (!state.versions[version - 1]) {
        throw new DomainError(
          'UNKNOWN_TEMPLATE_VERSION',
          `there is no version ${version}`,
          'version',
        );
      }
      return state.active === version
        ? []
        : [{ type: 'TemplateVersionActivated', data: { version } }];
    }
  }
};

const refuseProblems = (content: TemplateContent): void => {
  const [first] = problemsOf(content);
  if (first) throw new DomainError('TEMPLATE_INVALID', first.message, first.field);
};

const same = (a: TemplateContent | undefined, b: TemplateContent): boolean =>
  a !== undefined && canonical(a) === canonical(b);

/** Equal for equal content, whatever the order of keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

export const template: Decider<TemplateState, TemplateCommand, TemplateEvent> = {
  initialState: { status: 'none' },
  decide,
  evolve,
};
