import { Parser } from 'htmlparser2';

/** What is put into HTML; `link` gives the address that a link leads to instead, undefined where it stays. */
export interface Marks {
  readonly pixel?: string;
  link(url: string): string | undefined;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The HTML with other links and a pixel at the end of its body; everything else stays byte by byte. */
export const trackedHtml = (html: string, { pixel, link }: Marks): string => {
  const edits: Edit[] = [];
  let element = '';
  let end = html.length;
  const parser = new Parser(
    {
      onopentagname: (name) => {
        element = name;
      },
      onattribute: (name, value) => {
        if (name !== 'href' || !linking.has(element)) return;
        const url = link(value.trim());
        if (url === undefined) return;
        const { startIndex: from, endIndex: to } = parser;
        edits.push({ from, to, text: `href="${attribute(url)}"` });
      },
      onclosetag: (name, isImplied) => {
        if (name === 'body' && !isImplied) end = parser.startIndex;
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  if (pixel !== undefined) {
    const text = `<img src="${attribute(pixel)}" width="1" height="1" alt="">`;
    edits.push({ from: end, to: end, text });
  }
  let at = 0;
  const pieces = edits.flatMap(({ from, to, text }) => {
    const before = html.slice(at, from);
    at = to;
    return [before, text];
  });
  return [...pieces, html.slice(at)].join('');
};

const linking: ReadonlySet<string> = new Set(['a', 'area']);

const attribute = (text: string): string => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');
