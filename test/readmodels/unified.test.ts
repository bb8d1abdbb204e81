import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BSON } from 'mongodb';
import { openBench } from './support.ts';
import type { Bench } from './support.ts';
import type { UnifiedFile } from './unified/format.ts';
import { runUnified } from './unified/run.ts';

/**
 * Runs tests in MongoDB's unified format: our own, and those of a folder named by
 * TIDINGS_TEST_MONGODB_SPECS (`source/crud/tests/unified` of mongodb/specifications, whose licence, CC BY-NC-SA,
 * keeps them out of this repository). Of those a refusal by name is right, a wrong answer is not.
 */
const ownFolder = fileURLToPath(new URL('./unified/cases', import.meta.url));
const givenFolder = process.env['TIDINGS_TEST_MONGODB_SPECS'];

const filesOf = (folder: string): readonly UnifiedFile[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => BSON.EJSON.parse(readFileSync(join(folder, name), 'utf8')) as UnifiedFile);

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

describe.each(filesOf(ownFolder))('$description', (file) => {
  test.each(file.tests)('$description', async (one) => {
    expect(await runUnified(bench.url, file, one)).toEqual({ kind: 'passed' });
  });
});

if (givenFolder !== undefined && givenFolder !== '') {
  describe.each(filesOf(givenFolder))('of the specifications: $description', (file) => {
    test.each(file.tests)('$description', async (one) => {
      const outcome = await runUnified(bench.url, file, one);
      if (outcome.kind !== 'passed')
        console.log(`${one.description}: ${outcome.kind}, ${outcome.why}`);
      expect(outcome).not.toMatchObject({ kind: 'failed' });
    });
  });
}
