import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { trackedHtml } from '../../src/dispatchers/trackedHtml.ts';

const link = (url: string) =>
  url.startsWith('https://') ? `https://t.example/c/${url.slice(8)}` : undefined;
const pixel = 'https://t.example/o/1';
const image = `<img src="${pixel}" width="1" height="1" alt="">`;

describe('the links of an email', () => {
  test.each([
    ['<a href="https://a.example/">x</a>', '<a href="https://t.example/c/a.example/">x</a>'],
    [
      "<A class=b HREF='https://a.example/' id=c>x</A>",
      '<A class=b href="https://t.example/c/a.example/" id=c>x</A>',
    ],
    ['<a href=https://a.example/x>x</a>', '<a href="https://t.example/c/a.example/x">x</a>'],
    [
      '<a\n href = " https://a.example/?a=1&amp;b=&quot;2 "\n>x</a>',
      '<a\n href="https://t.example/c/a.example/?a=1&amp;b=&quot;2"\n>x</a>',
    ],
    [
      '<map><area href="https://a.example/"></map>',
      '<map><area href="https://t.example/c/a.example/"></map>',
    ],
    [
      '<svg><a href="https://a.example/"/></svg><p>y</p>',
      '<svg><a href="https://t.example/c/a.example/"/></svg><p>y</p>',
    ],
    [
      '<p>é🎉</p><a href="https://a.example/1">1</a><a href="https://a.example/2">2</a>',
      '<p>é🎉</p><a href="https://t.example/c/a.example/1">1</a><a href="https://t.example/c/a.example/2">2</a>',
    ],
  ])('lead elsewhere: %j', (html, expected) => {
    expect(trackedHtml(html, { link })).toBe(expected);
  });

  test.each([
    '<a href="#top">x</a><a>y</a><a href>z</a><a href="">w</a>',
    '<a href="mailto:a@b.example">x</a><a href="http://a.example/">y</a>',
    '<link href="https://a.example/a.css"><img src="https://a.example/a.png">',
    '<p>href="https://a.example/" &lt;a href="https://a.example/"&gt;</p>',
    '<!-- <a href="https://a.example/">x</a> --><style>a[href="https://a.example/"]{}</style>',
    '<a title=\'href="https://a.example/"\' data-href="https://a.example/">x</a>',
  ])('stay what they are: %j', (html) => {
    expect(trackedHtml(html, { link })).toBe(html);
  });

  test('are all that changes, whatever the HTML', () => {
    const piece = fc.constantFrom(
      ...[
        '<a href="',
        '">',
        "'",
        '<',
        '>',
        '</a>',
        '&amp;',
        '&',
        'https://a.example/',
        '<p',
        ' x=y',
      ],
      ...['<!--', '-->', '</body>', '<style>', '</style>', '<svg>', '/>', ' ', 'é'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const html = pieces.join('');
        expect(trackedHtml(html, { link: () => undefined })).toBe(html);
      }),
    );
  });
});

describe('the pixel', () => {
  test.each([
    ['<body><p>x</p></body></html>', `<body><p>x</p>${image}</body></html>`],
    ['<p>x</p>', `<p>x</p>${image}`],
    ['<!-- </body> --><p>x', `<!-- </body> --><p>x${image}`],
    ['', image],
  ])('stands at the end of the body of %j', (html, expected) => {
    expect(trackedHtml(html, { pixel, link: () => undefined })).toBe(expected);
  });

  test('stands behind the last link', () => {
    const html = '<body><a href="https://a.example/">x</a></body>';
    const expected = `<body><a href="https://t.example/c/a.example/">x</a>${image}</body>`;
    expect(trackedHtml(html, { pixel, link })).toBe(expected);
  });
});
