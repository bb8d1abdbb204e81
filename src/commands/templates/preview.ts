import { DomainError } from '../../domain/errors.ts';
import { partsOf, type TemplateContent } from '../../domain/template/content.ts';
import type { Reader } from '../../domain/template/formats.ts';
import { formattingLocale, variantFor } from '../../domain/template/locale.ts';
import type { Problem } from '../../domain/template/problem.ts';
import { compilePart } from '../../domain/template/rendering.ts';
import { sampleOf } from '../../domain/template/sample.ts';
import { schemaOf } from '../../domain/template/schema.ts';
import { type SmsSize, smsSizeOf } from '../../domain/template/sms.ts';
import { builtInSamples } from '../../domain/template/trial.ts';
import { type Channel, channels } from '../../domain/vocabulary.ts';
import { variableProblem } from '../variables.ts';
import { prepare, type PreparePorts } from './prepare.ts';

/** What is to be shown, and to whom. */
export interface PreviewRequest {
  readonly name: string;
  /** The draft, a version, or the active version when neither is named. */
  readonly draft: boolean;
  readonly version?: number;
  /** Every channel that the template has when absent. */
  readonly channel?: Channel;
  readonly reader: Reader;
  /** Samples stand in for what isn't given. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** One part as the reader would see it. */
export interface PreviewedPart {
  readonly channel: Channel;
  readonly name: string;
  /** The language that the reader gets on this channel. */
  readonly locale: string;
  readonly text: string;
}

export interface Preview {
  /** Absent for a draft. */
  readonly version?: number;
  readonly parts: readonly PreviewedPart[];
  /** How the text message would travel. */
  readonly sms?: SmsSize;
  /** The variables that it was rendered with. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What stands against publishing, and parts that can't be rendered. */
  readonly problems: readonly Problem[];
}

export interface PreviewPorts extends PreparePorts {
  load(name: string): Promise<PreviewedTemplate | undefined>;
}

/** A template as its preview needs it. */
export interface PreviewedTemplate {
  readonly active: number | undefined;
  readonly versions: readonly TemplateContent[];
  readonly draft?: Parameters<typeof prepare>[0];
}

/**
 * Renders a version or the draft with given and sample variables; nothing is stored or sent.
 *
 * @throws DomainError UNKNOWN_TEMPLATE, UNKNOWN_TEMPLATE_VERSION, NO_DRAFT, CHANNEL_NOT_IN_TEMPLATE, and
 * what a request with these variables would be refused for
 */
export type PreviewTemplate = (request: PreviewRequest) => Promise<Preview>;

export const createPreview =
  (ports: PreviewPorts): PreviewTemplate =>
  async (request) => {
    const { channel, reader } = request;
    const { version, content, problems } = await contentFor(request, ports);
    if (channel && !content.channels[channel]) {
      const message = `template ${request.name} has no ${channel} part`;
      throw new DomainError('CHANNEL_NOT_IN_TEMPLATE', message, 'channel');
    }
    const sample = sampleOf(schemaOf(content)) as Readonly<Record<string, unknown>>;
    const { userName, ...given } = request.variables;
    const variables = { ...sample, ...given };
    // A draft that has problems is shown as far as it goes.
    const wrong = problems.length > 0 ? undefined : variableProblem(content, variables);
    if (wrong) throw new DomainError(wrong.code, wrong.message, `variables.${wrong.name}`);
    const values = {
      ...builtInSamples,
      ...(content.postalAddress === undefined ? {} : { postalAddress: content.postalAddress }),
      ...(typeof userName === 'string' ? { userName } : {}),
      ...variables,
    };
    const wanted = channel ? [channel] : channels.filter((one) => content.channels[one]);
    const shown = wanted.map((one) => render(content, one, values, reader));
    const body = shown.flatMap(({ parts }) => parts).find((part) => part.channel === 'sms');
    return {
      ...(version === undefined ? {} : { version }),
      parts: shown.flatMap(({ parts }) => parts),
      ...(body ? { sms: smsSizeOf(body.text) } : {}),
      variables: values,
      problems: [...problems, ...shown.flatMap((one) => one.problems)],
    };
  };

const contentFor = async (
  { name, draft, version }: PreviewRequest,
  ports: PreviewPorts,
): Promise<{ version?: number; content: TemplateContent; problems: readonly Problem[] }> => {
  const known = await ports.load(name);
  if (!known) throw new DomainError('UNKNOWN_TEMPLATE', 'there is no such template', 'name');
  if (draft) {
    if (!known.draft) throw new DomainError('NO_DRAFT', `template ${name} has no draft`, 'draft');
    return prepare(known.draft, ports);
  }
  const shown = version ?? known.active ?? 0;
  const content = known.versions[shown - 1];
  if (!content) {
    const message = `template ${name} has no ${version === undefined ? 'active version' : `version ${version}`}`;
    throw new DomainError('UNKNOWN_TEMPLATE_VERSION', message, 'version');
  }
  return { version: shown, content, problems: [] };
};

const render = (
  content: TemplateContent,
  channel: Channel,
  values: Readonly<Record<string, unknown>>,
  reader: Reader,
): { readonly parts: readonly PreviewedPart[]; readonly problems: readonly Problem[] } => {
  const { locale, channels: texts } = variantFor(content, channel, reader.locale);
  const inTheirWay = { ...reader, locale: formattingLocale(locale, reader.locale) };
  const parts: PreviewedPart[] = [];
  const problems: Problem[] = [];
  for (const part of partsOf(texts)) {
    if (part.channel !== channel) continue;
    const { name, field } = part;
    try {
      parts.push({ channel, name, locale, text: compilePart(part)(values, inTheirWay) });
    } catch (error) {
      const [line = ''] = (error as Error).message.split('\n');
      problems.push({ code: 'CANNOT_BE_RENDERED', field, message: line });
    }
  }
  return { parts, problems };
};
