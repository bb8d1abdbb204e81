import type { builtInVariables } from './content.ts';
import { partsOf, type TemplateContent, variantsOf } from './content.ts';
import type { Problem } from './problem.ts';
import { compilePart } from './rendering.ts';
import { sampleOf } from './sample.ts';
import { schemaOf } from './schema.ts';
import { mostSmsSegments, smsSizeOf } from './sms.ts';

/** What the built-in variables hold in a preview. */
export const builtInSamples: Readonly<Record<(typeof builtInVariables)[number], string>> = {
  userName: 'Ada Lovelace',
  unsubscribeUrl: 'https://example.com/unsubscribe',
  preferencesUrl: 'https://example.com/preferences',
  postalAddress: 'Example Ltd, 1 Example Street, Springfield 00100',
};

/** What only shows when a part is rendered, with a sample value for every variable. */
export const trialProblems = (content: TemplateContent): readonly Problem[] => {
  const values = {
    ...(sampleOf(schemaOf(content)) as Readonly<Record<string, unknown>>),
    ...builtInSamples,
  };
  return variantsOf(content).flatMap(({ locale, channels, path }) =>
    partsOf(channels, path).flatMap((part): readonly Problem[] => {
      const { channel, field } = part;
      try {
        const text = compilePart(part)(values, { locale, timezone: 'UTC' });
        return channel === 'sms' ? sizeProblems(text, field) : [];
      } catch (error) {
        const [line = ''] = (error as Error).message.split('\n');
        const message = `it can't be rendered: ${line}`;
        return [{ code: 'CANNOT_BE_RENDERED', field, message }];
      }
    }),
  );
};

const sizeProblems = (text: string, field: string): readonly Problem[] => {
  const { segments, encoding } = smsSizeOf(text);
  if (segments <= mostSmsSegments) return [];
  const message = `it takes ${segments} segments of ${encoding}; at most ${mostSmsSegments} are sent`;
  return [{ code: 'SMS_TOO_LONG', field, message }];
};
