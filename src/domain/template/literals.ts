import { dateStyles } from './formats.ts';
import type { Demand } from './helpers.ts';

/** What a literal tells of the variable that it is compared with or stands in for. */
export const literalType = (expression: hbs.AST.Expression): Demand | undefined => {
  switch (expression.type) {
    case 'NumberLiteral':
      return 'number';
    case 'BooleanLiteral':
      return 'boolean';
    case 'StringLiteral':
      return 'scalar';
    default:
      return undefined;
  }
};

/** What is wrong with a literal as an argument, or undefined. */
export const literalProblem = (
  expression: hbs.AST.Expression,
  demand: string,
): string | undefined => {
  const { type } = expression;
  const value = 'value' in expression ? expression.value : undefined;
  const shown = JSON.stringify(value);
  if (type === 'UndefinedLiteral' || type === 'NullLiteral') return 'nothing is no argument';
  if (demand === 'number' && type !== 'NumberLiteral') return `${shown} is no number`;
  if (demand === 'url' && !(typeof value === 'string' && /^https?:\/\/[^/\s]/i.test(value))) {
    return `${shown} is no http(s) URL`;
  }
  if (demand === 'currency' && !(typeof value === 'string' && /^[A-Z]{3}$/.test(value))) {
    return `${shown} is no currency code`;
  }
  if (demand === 'style' && !(dateStyles as readonly unknown[]).includes(value)) {
    return `${shown} is no style: it is one of ${dateStyles.join(', ')}`;
  }
  return undefined;
};
