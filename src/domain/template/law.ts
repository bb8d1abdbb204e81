import Handlebars from 'handlebars';
import { partsOf, type TemplateContent, variantsOf } from './content.ts';
import { readHtml } from './html.ts';
import type { Problem } from './problem.ts';

/** Marketing email says where its sender lives and how to leave, in HTML and in text (facts L3, L4). */
export const lawProblems = (content: TemplateContent): readonly Problem[] => {
  const { category, postalAddress } = content;
  if (category !== 'marketing' || !content.channels.email) return [];
  if (postalAddress === undefined || postalAddress.trim() === '') {
    const message = 'marketing email needs the postal address of its sender, here or in its layout';
    return [{ code: 'NO_POSTAL_ADDRESS', field: 'postalAddress', message }];
  }
  return variantsOf(content).flatMap(({ channels, path }) =>
    partsOf(channels, path)
      .filter(({ name }) => name === 'html' || name === 'text')
      .flatMap(({ name, field, source }): readonly Problem[] => {
        const html = name === 'html';
        const leaves = html ? linksToLeave(source, field) : uses('unsubscribeUrl').test(source);
        const link = html ? 'a link to {{unsubscribeUrl}}' : '{{unsubscribeUrl}}';
        return [
          ...(tellsAddress(source, postalAddress)
            ? []
            : [
                {
                  code: 'NO_POSTAL_ADDRESS' as const,
                  field,
                  message: 'marketing email needs {{postalAddress}}',
                },
              ]),
          ...(leaves
            ? []
            : [
                {
                  code: 'NO_UNSUBSCRIBE_LINK' as const,
                  field,
                  message: `marketing email needs ${link}`,
                },
              ]),
        ];
      }),
  );
};

const uses = (variable: string): RegExp =>
  new RegExp(`\\{\\{[{~&\\s]*(?:@root\\.)?${variable}[~\\s]*\\}\\}`);

const tellsAddress = (source: string, address: string): boolean =>
  uses('postalAddress').test(source) ||
  source.includes(address) ||
  source.includes(Handlebars.escapeExpression(address));

const linksToLeave = (source: string, field: string): boolean => {
  try {
    return readHtml(Handlebars.parse(source), field).unsubscribes;
  } catch {
    // The syntax is reported where it is wrong.
    return true;
  }
};
