import { defineConfig } from 'vitest/config'

/** Folders whose code touches no process state, so that their test files can share one worker's modules. */
const pure = ['src/{errors,domain,ports,diagnosis}/**/*.test.ts', 'src/architecture.test.ts']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'parts', include: ['src/**/*.test.ts'], exclude: pure } },
      {
        extends: true,
        test: {
          name: 'end to end',
          include: ['test/**/*.test.ts'],
          exclude: ['test/s3/**', 'test/postgres/**', 'test/supabase/**'],
          globalSetup: ['scripts/vitest-setup.mjs'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 's3',
          include: ['test/s3/**/*.test.ts'],
          globalSetup: ['test/support/s3/global-setup.ts'],
          env: { AWS_EC2_METADATA_DISABLED: 'true' },
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include:
            process.env.MODELRY_CONFORMANCE === 'servers'
              ? ['test/servers/conformance.ts']
              : ['test/postgres/**/*.test.ts'],
          globalSetup: ['test/support/postgres/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'supabase',
          include:
            process.env.MODELRY_CONFORMANCE === 'supabase'
              ? ['test/supabase/conformance.ts']
              : ['test/supabase/**/*.test.ts'],
          globalSetup: ['test/support/supabase/global-setup.ts'],
        },
      },
    ],
  },
})
