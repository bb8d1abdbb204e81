import './nodeVersion.ts';

// Imported only then: an older Node can't even link the rest, and would say so in words of its own.
const { runTidings } = await import('./commandLine.ts');
await runTidings(process.argv);
