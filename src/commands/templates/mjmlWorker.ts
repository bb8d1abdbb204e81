import { parentPort } from 'node:worker_threads';
import mjml2html from 'mjml';
import type { MjmlAnswer, MjmlQuestion } from './mjml.ts';

/** Compiles one MJML document after the other; what is to be included from files is left out. */
parentPort?.on('message', ({ id, source }: MjmlQuestion) => {
  void compile(source).then((answer) => parentPort?.postMessage({ id, ...answer }));
});

const compile = async (source: string): Promise<Omit<MjmlAnswer, 'id'>> => {
  try {
    const { html, errors } = await mjml2html(source, {
      validationLevel: 'soft',
      ignoreIncludes: true,
      keepComments: false,
      // None is fetched from elsewhere: that would tell who reads.
      fonts: {},
    });
    return {
      html,
      errors: errors.map(({ line, tagName, message }) => ({ line, tagName, message })),
    };
  } catch (error) {
    return { html: '', errors: [{ line: 1, tagName: 'mjml', message: (error as Error).message }] };
  }
};
