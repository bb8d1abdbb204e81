import {
  builtInVariables,
  partsOf,
  type Part,
  type TemplateContent,
  variantsOf,
} from './content.ts';
import { addressProblems, readHtml } from './html.ts';
import { lawProblems } from './law.ts';
import { localeProblems } from './locale.ts';
import type { Problem } from './problem.ts';
import { trialProblems } from './trial.ts';
import { completeSchema, schemaOf } from './schema.ts';
import { typeProblems } from './typing.ts';
import { type Reading, readPart } from './usage.ts';

/** The most that one version may weigh, as JSON. */
export const largestContent = 512 * 1024;

const readingsOf = (content: TemplateContent): readonly { part: Part; reading: Reading }[] =>
  variantsOf(content).flatMap(({ channels, path }) =>
    partsOf(channels, path).map((part) => ({ part, reading: readPart(part) })),
  );

/** A version with its schema: its own, or what its parts ask for. */
export const withSchema = (content: TemplateContent): TemplateContent => ({
  ...content,
  schema: completeSchema(
    content,
    readingsOf(content).flatMap(({ reading }) => reading.usages),
  ),
});

/**
 * Everything that would go wrong at the first rendering, that is unsafe, or that the law forbids, found
 * when a version is published (facts H1 to H3, L3, L4, T9).
 */
export const problemsOf = (content: TemplateContent): readonly Problem[] => {
  const weight = JSON.stringify(content).length;
  if (weight > largestContent) {
    const message = `a version may weigh ${largestContent / 1024} KB, not ${Math.ceil(weight / 1024)} KB`;
    return [{ code: 'TOO_LARGE', field: 'channels', message }];
  }
  const readings = readingsOf(content);
  const problems = [
    ...nameProblems(content),
    ...flagProblems(content),
    ...localeProblems(content),
    ...dataProblems(content),
    ...readings.flatMap(({ part, reading }) => partProblems(part, reading)),
    ...typeProblems(
      schemaOf(content),
      readings.flatMap(({ reading }) => reading.usages),
    ),
    ...lawProblems(content),
  ];
  if (partsOf(content.channels).length === 0) {
    const message = 'a template needs at least one channel';
    problems.push({ code: 'NO_CHANNEL', field: 'channels', message });
  }
  return problems.length > 0 ? problems : trialProblems(content);
};

const variableName = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Names that Handlebars keeps for itself, and those that every object has. */
const reservedNames = [
  'constructor',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
  'if',
  'unless',
  'each',
  'with',
  'lookup',
  'log',
  'this',
  'helperMissing',
  'blockHelperMissing',
];

const nameProblems = ({ variables, schema }: TemplateContent): readonly Problem[] => {
  const names = variables.map(({ name }) => name);
  const problems = names.flatMap((name, index): Problem[] => {
    const field = `variables.${index}.name`;
    const twice = names.indexOf(name) !== index;
    return [
      ...(twice
        ? [{ code: 'BAD_VARIABLE_NAME', field, message: `${name} is declared twice` } as const]
        : []),
      ...badName(name, field),
    ];
  });
  if (!schema) return problems;
  const { type, properties } = schema;
  if (type !== 'object') {
    const message = 'the schema of variables must have type object';
    return [...problems, { code: 'BAD_SCHEMA', field: 'schema.type', message }];
  }
  const described = Object.keys(properties ?? {}).filter((name) => !names.includes(name));
  return [...problems, ...described.flatMap((name) => badName(name, `schema.properties.${name}`))];
};

const badName = (name: string, field: string): readonly Problem[] => {
  const is = (what: string) =>
    ({ code: 'BAD_VARIABLE_NAME', field, message: `${name} is ${what}` }) as const;
  return [
    ...(!variableName.test(name) || reservedNames.includes(name)
      ? [is('not a variable name')]
      : []),
    ...((builtInVariables as readonly string[]).includes(name) ? [is('built in')] : []),
  ];
};

const flagProblems = ({ category, required, purpose }: TemplateContent): readonly Problem[] => {
  if (category !== 'marketing') return [];
  const not = (field: string, message: string) =>
    ({ code: 'NOT_FOR_MARKETING', field, message }) as const;
  return [
    ...(required ? [not('required', 'marketing can always be switched off')] : []),
    ...(purpose ? [not('purpose', 'marketing can always wait')] : []),
  ];
};

/** Keys of push data that are ours or the platforms' (Firebase: reserved words). */
const reservedKey =
  /^(notificationId|ackUrl|ackToken|from|message_type|collapse_key|google.*|gcm.*)$/;

const dataProblems = (content: TemplateContent): readonly Problem[] =>
  variantsOf(content).flatMap(({ channels, path }) =>
    Object.keys(channels.push?.data ?? {})
      .filter((key) => !variableName.test(key) || reservedKey.test(key))
      .map((key) => ({
        code: 'BAD_DATA_KEY' as const,
        field: `${path}.push.data.${key}`,
        message: `${JSON.stringify(key)} can't be a key of push data`,
      })),
  );

const oneLine = ['subject', 'title'];

const partProblems = (part: Part, { program, problems }: Reading): readonly Problem[] => {
  const { name, field, source } = part;
  const control: Problem = {
    code: 'CONTROL_CHARACTER',
    field,
    message: 'it is one line: no line breaks, no control characters',
  };
  return [
    ...problems,
    ...(oneLine.includes(name) && /[\p{Cc}\u2028\u2029]/u.test(source) ? [control] : []),
    ...(program && name === 'html' ? readHtml(program, field).problems : []),
    ...(program && name === 'actionUrl' ? addressProblems(program, field) : []),
  ];
};
