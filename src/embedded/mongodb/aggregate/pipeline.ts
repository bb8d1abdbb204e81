import { Arr, Doc } from '../bson/document.ts';
import { Int32, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { CommandError, typeMismatch } from '../errors.ts';
import { compileFilter } from '../filter/match.ts';
import { parseFilter } from '../filter/parse.ts';
import { refusal } from '../known.ts';
import { parseSort, sorted } from '../query/sort.ts';
import type { Variables } from './expressions.ts';
import { groupStage } from './group.ts';
import { projectStage } from './project.ts';
import { unwindStage } from './unwind.ts';

/** Documents on their way through a pipeline; undefined is a moment to pause. */
export type Docs = Iterable<Doc | undefined>;

/** One stage of a pipeline. */
export type Stage = (docs: Docs) => Iterable<Doc | undefined>;

/** A stage's name and operand. */
export interface StageSpec {
  readonly name: string;
  readonly operand: Value;
}

/** Splits a pipeline into its stages. */
export function parsePipeline(value: Value | undefined): readonly StageSpec[] {
  if (!(value instanceof Arr))
    throw typeMismatch("'pipeline' option must be specified as an array");
  return value.items().map((item) => {
    if (!(item instanceof Doc)) {
      throw typeMismatch("Each element of the 'pipeline' array must be an object");
    }
    if (item.size !== 1) {
      throw new CommandError(
        40323,
        'A pipeline stage specification object must contain exactly one field.',
      );
    }
    const [name, operand] = [...item.fields()][0] as [string, Value];
    return { name, operand };
  });
}

/** Compiles the stages of a pipeline into one. */
export function compilePipeline(
  stages: readonly StageSpec[],
  variables: Variables,
  inFacet = false,
): Stage {
  const compiled = stages.map((stage, i) =>
    stage.name === '$sort'
      ? sortStage(stage.operand, stages[i + 1])
      : compileStage(stage, variables, inFacet),
  );
  return (docs) => compiled.reduce<Docs>((flow, stage) => stage(flow), docs);
}

function compileStage({ name, operand }: StageSpec, variables: Variables, inFacet: boolean): Stage {
  switch (name) {
    case '$match':
      return matchStage(operand, variables);
    case '$limit':
      return limitStage(whole(operand, '$limit', 1));
    case '$skip':
      return skipStage(whole(operand, '$skip', 0));
    case '$project':
      return projectStage(operand, variables);
    case '$group':
      return groupStage(operand, variables);
    case '$count':
      return countStage(operand);
    case '$unwind':
      return unwindStage(operand);
    case '$facet':
      if (inFacet)
        throw new CommandError(40600, '$facet is not allowed to be used within a $facet stage');
      return facetStage(operand, variables);
    default:
      throw refusal('stage', name);
  }
}

function matchStage(operand: Value, variables: Variables): Stage {
  if (!(operand instanceof Doc)) {
    throw new CommandError(15959, 'the match filter must be an expression in an object');
  }
  const matches = compileFilter(parseFilter(operand, variables));
  return function* (docs) {
    for (const doc of docs) if (doc === undefined || matches(doc)) yield doc;
  };
}

/** A sort; of a `$limit` right behind it, it keeps no more than that. */
function sortStage(operand: Value, next: StageSpec | undefined): Stage {
  const spec = parseSort(operand);
  if (!spec) throw new CommandError(15976, '$sort stage must have at least one sort key');
  const limit = next?.name === '$limit' ? whole(next.operand, '$limit', 1) : Infinity;
  return (docs) => sorted(docs, spec, limit);
}

/** The whole number of a `$limit` or `$skip`. */
export function whole(operand: Value, name: string, least: number): number {
  const number = wholeNumber(operand);
  if (number !== undefined && number >= least) return number;
  if (name === '$limit' && number !== undefined) {
    throw new CommandError(15958, 'the limit must be positive');
  }
  throw new CommandError(
    name === '$limit' ? 5107201 : 5107200,
    `invalid argument to ${name} stage: Expected a non-negative number`,
  );
}

function limitStage(limit: number): Stage {
  return function* (docs) {
    let left = limit;
    for (const doc of docs) {
      yield doc;
      if (doc !== undefined && --left === 0) return;
    }
  };
}

function skipStage(skip: number): Stage {
  return function* (docs) {
    let left = skip;
    for (const doc of docs) {
      if (doc !== undefined && left > 0) left--;
      else yield doc;
    }
  };
}

function countStage(operand: Value): Stage {
  if (typeof operand !== 'string' || operand === '') {
    throw new CommandError(40156, 'the count field must be a non-empty string');
  }
  if (operand.startsWith('$'))
    throw new CommandError(40158, 'the count field cannot be a $-prefixed path');
  if (operand.includes('.')) throw new CommandError(40160, "the count field cannot contain '.'");
  return function* (docs) {
    let count = 0;
    for (const doc of docs) {
      if (doc === undefined || ++count % 256 === 0) yield undefined;
    }
    if (count > 0) yield Doc.of([[operand, new Int32(count)]]);
  };
}

/** Several pipelines over the same documents, whose results become the fields of one document. */
function facetStage(operand: Value, variables: Variables): Stage {
  if (!(operand instanceof Doc) || operand.size === 0) {
    throw new CommandError(40169, 'the $facet specification must be a non-empty object');
  }
  const facets = [...operand.fields()].map(([name, value]) => {
    const stages = parsePipeline(value);
    return [name, compilePipeline(stages, variables, true)] as const;
  });
  return function* (docs) {
    const all: Doc[] = [];
    for (const doc of docs) {
      if (doc === undefined || all.push(doc) % 256 === 0) yield undefined;
    }
    const results: [string, Value][] = [];
    for (const [name, pipeline] of facets) {
      const found: Doc[] = [];
      for (const doc of pipeline(all)) {
        if (doc === undefined || found.push(doc) % 256 === 0) yield undefined;
      }
      results.push([name, Arr.of(found)]);
    }
    yield Doc.of(results);
  };
}
