import { writeFile } from 'node:fs/promises';
import { buildTidingsSchema, printTidingsSchema } from './schema.ts';

// Run after a change of the API: `npm run build && node dist/graphql/emit.js`.
const file = new URL('../../schema.graphql', import.meta.url);
await writeFile(file, printTidingsSchema(await buildTidingsSchema()));
