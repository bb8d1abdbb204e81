import { Parser } from 'htmlparser2';

/** A form as a browser without scripts sees it. */
interface Form {
  /** What is sent when nothing is touched: no box that is off, nothing that is disabled. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly buttons: readonly (readonly [name: string, value: string])[];
}

/** A checkbox, by what a screen reader calls it. */
interface Box {
  readonly label: string;
  readonly checked: boolean;
  readonly disabled: boolean;
  readonly value: string;
}

interface Reading {
  readonly forms: readonly Form[];
  readonly boxes: readonly Box[];
  readonly elements: readonly string[];
  /** Where links lead and pictures come from. */
  readonly links: readonly string[];
  readonly images: readonly string[];
}

export const readPage = (html: string): Reading => {
  const forms: { fields: [string, string][]; buttons: [string, string][] }[] = [];
  const boxes: Box[] = [];
  const elements: string[] = [];
  const [links, images]: [string[], string[]] = [[], []];
  const parser = new Parser({
    onopentag: (element, { name = '', value = '', type, ...attributes }) => {
      elements.push(element);
      if (element === 'a' && attributes['href'] !== undefined) links.push(attributes['href']);
      if (element === 'img' && attributes['src'] !== undefined) images.push(attributes['src']);
      if (element === 'form') forms.push({ fields: [], buttons: [] });
      if (element === 'button') forms.at(-1)?.buttons.push([name, value]);
      if (element !== 'input') return;
      const [checked, disabled] = ['checked' in attributes, 'disabled' in attributes];
      if (type === 'checkbox') {
        boxes.push({ label: attributes['aria-label'] ?? '', checked, disabled, value });
      }
      if (!disabled && (type !== 'checkbox' || checked)) forms.at(-1)?.fields.push([name, value]);
    },
  });
  parser.end(html);
  return { forms, boxes, elements, links, images };
};
