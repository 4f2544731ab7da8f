// The import rule of this code base, one entry per sentence. Run by scripts/check-rooms.mjs (`npm run rooms`).
const TEST = '\\.test\\.tsx?$';
/** Code that exists for tests: it may reach for the test kit, never the other way round. */
const FOR_TESTS = `${TEST}|(^|/)testing(/|\\.ts$)`;

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that import each other, even for types only, are one file cut in two.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-import-resolves',
      comment: 'An import that the checker cannot follow is one it cannot judge.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'core-imports-only-core',
      comment:
        'The kernel knows no plugin, no panel and no configuration: what it needs arrives as arguments.',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(?!core/|node_modules/)[^/]+(/|\\.[cm]?tsx?$)', dependencyTypesNot: ['core', 'npm'] },
    },
    {
      name: 'core-by-its-door',
      comment: 'Plugins and the panel import #core (tests also #core/testing), never a file inside.',
      severity: 'error',
      from: { path: '^(plugins|admin)/' },
      to: { path: '^core/', pathNot: '^core/(testing/)?index\\.ts$' },
    },
    {
      name: 'test-kit-in-tests-only',
      comment: '#core/testing starts servers and makes fixtures; nothing that ships may need it.',
      severity: 'error',
      from: { pathNot: `${FOR_TESTS}|^bench/` },
      to: { path: '^core/testing/' },
    },
    {
      name: 'plugins-by-their-door',
      comment: 'A plugin imports #plugins/<other>, never a file inside another plugin.',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/' },
      to: { path: '^plugins/', pathNot: '^plugins/($1/|[^/]+/index\\.ts$)' },
    },
    {
      name: 'plugins-import-only-core-and-plugins',
      comment:
        'Of the rest of the code base a plugin may import #admin/ui (its pages and cells), nothing else.',
      severity: 'error',
      from: { path: '^plugins/' },
      to: {
        path: '^(?!core/|plugins/|admin/ui/|node_modules/)[^/]+(/|\\.[cm]?tsx?$)',
        dependencyTypesNot: ['core', 'npm'],
      },
    },
    {
      name: 'readers-name-no-plugin',
      comment:
        'audit, csv, metrics and search read the registry, so that they work for every plugin, and go without a trace.',
      severity: 'error',
      from: { path: '^plugins/(audit|csv|metrics|search)/', pathNot: TEST },
      to: { path: '^plugins/', pathNot: '^plugins/$1/' },
    },
    {
      name: 'domain-imports-only-domain',
      comment: 'domain/ holds pure functions: no I/O, no library, no model.',
      severity: 'error',
      from: { path: '^(.*/)domain/', pathNot: TEST },
      to: { pathNot: '^$1domain/' },
    },
    {
      name: 'admin-imports-only-core',
      comment: 'The panel names no plugin: it is generated from the registry.',
      severity: 'error',
      from: { path: '^admin/' },
      to: {
        path: '^(?!core/|admin/|node_modules/)[^/]+(/|\\.[cm]?tsx?$)',
        dependencyTypesNot: ['core', 'npm'],
      },
    },
    {
      name: 'plugins-listed-in-one-place',
      comment: 'config/plugins.ts alone lists plugins; taking its line away takes the feature away.',
      severity: 'error',
      from: { pathNot: '^(plugins/|seeders/|bench/|config/plugins(\\.test)?\\.ts$)' },
      to: { path: '^plugins/' },
    },
    {
      name: 'seeders-and-benchmarks-by-the-door',
      comment: 'Demo data and measurements go through public services, so that every rule applies to them.',
      severity: 'error',
      from: { path: '^(seeders|bench)/' },
      to: { path: '^plugins/', pathNot: '^plugins/[^/]+/index\\.ts$' },
    },
    {
      name: 'adminjs-only-in-admin',
      comment: 'One room knows the panel library, so that it can be replaced.',
      severity: 'error',
      from: { pathNot: '^admin/' },
      to: { path: '(^|node_modules/)(adminjs|@adminjs)(/|$)' },
    },
    {
      name: 'queues-only-in-jobs',
      comment: 'Everyone else speaks to the JobQueue interface, so that both drivers stay interchangeable.',
      severity: 'error',
      from: { pathNot: '^core/jobs/' },
      to: { path: '(^|node_modules/)(bull|pg-boss)(/|$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
