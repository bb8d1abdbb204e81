import { createContext, runInContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { graphql, parse, specifiedRules, validate } from 'graphql';
import { parseOptions, validationRules } from '../../src/graphql/limits.ts';
import { buildTidingsSchema } from '../../src/graphql/schema.ts';
import { consolePage } from '../../src/http/console/page.ts';

/** As much of an element as the console's script uses. */
interface Element {
  value: string;
  textContent: string;
  onclick?: (() => void) | undefined;
}

test('the console reads the schema and writes a valid example of every operation', async () => {
  const schema = await buildTidingsSchema();
  const rules = [...specifiedRules, ...validationRules({ introspection: true })];
  const problemsOf = (text: string) => validate(schema, parse(text, parseOptions), rules);

  const element = () => ({
    value: '',
    textContent: '',
    addEventListener: () => undefined,
    dispatchEvent: () => true,
    append: () => undefined,
  });
  const named = new Map<string, Element>();
  const byId = (id: string): Element => {
    const found = named.get(id) ?? element();
    named.set(id, found);
    return found;
  };
  const buttons: Element[] = [];
  let described: (() => void) | undefined;
  const done = new Promise<void>((resolve) => {
    described = resolve;
  });

  const context = createContext({
    document: {
      getElementById: byId,
      createElement: (tag: string) => {
        const made = element();
        if (tag === 'button') buttons.push(made);
        if (tag === 'details') described?.();
        return made;
      },
    },
    location: { hash: '#token=a.b.c', pathname: '/graphql' },
    history: { replaceState: () => undefined },
    sessionStorage: { getItem: () => null, setItem: () => undefined },
    Event,
    fetch: async (_path: string, { body }: { readonly body: string }) => {
      const { query } = JSON.parse(body) as { readonly query: string };
      expect(problemsOf(query)).toEqual([]);
      const answer = await graphql({ schema, source: query });
      return { status: 200, json: () => Promise.resolve(JSON.parse(JSON.stringify(answer))) };
    },
  });
  runInContext(consolePage.script ?? '', context);
  await done;

  expect(byId('token').value).toBe('a.b.c');
  const operations = [
    schema.getQueryType(),
    schema.getMutationType(),
    schema.getSubscriptionType(),
  ].flatMap((type) => Object.keys(type?.getFields() ?? {}));
  expect(buttons).toHaveLength(operations.length);
  for (const button of buttons) {
    button.onclick?.();
    const { value } = byId('query');
    expect([value, problemsOf(value)]).toEqual([value, []]);
  }
});
