/** The import rules of the architecture (docs/architecture.md). Each module may import what its row names. */
const rooms = {
  domain: [],
  eventstore: ['domain'],
  readmodels: ['domain'],
  privacy: ['domain'],
  commands: ['domain', 'eventstore'],
  projections: ['domain', 'readmodels', 'eventstore'],
  dispatchers: ['domain', 'commands', 'eventstore', 'readmodels'],
  graphql: ['domain', 'commands', 'projections'],
  http: ['domain', 'commands', 'projections', 'graphql'],
  embedded: [],
  sandbox: [],
};

const direction = Object.entries(rooms).map(([room, may]) => ({
  name: `${room}-imports-only-${may.length ? may.join('-') : 'itself'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...may].join('|')})/` },
}));

const onlyIn = (name, packages, home) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: home },
  to: { path: `node_modules/(${packages})/` },
});

module.exports = {
  forbidden: [
    ...direction,
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-imports-main',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/main\\.ts$' },
    },
    onlyIn(
      'event-store-client-in-one-file',
      '@eventstore/db-client',
      '^src/(eventstore/client\\.ts|embedded/eventstore/)',
    ),
    onlyIn('mongodb-driver-only-in-readmodels', 'mongodb', '^src/readmodels/'),
    onlyIn('rate-limiter-only-in-readmodels', 'rate-limiter-flexible', '^src/readmodels/'),
    onlyIn(
      'provider-sdks-only-in-adapters',
      '@sendgrid|twilio|firebase-admin|@parse/node-apn|@vonage|web-push|@aws-sdk|mailgun\\.js|nodemailer|smtp-server|sns-payload-validator',
      '^src/(dispatchers/providers|http/webhooks|sandbox)/',
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    moduleSystems: ['es6', 'cjs'],
  },
};
