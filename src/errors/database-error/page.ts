import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See which database the registry uses.', { run: 'modelry config' }),
    step('On Postgres, see whether it answers.', { run: 'pg_isready -d "$MODELRY_DB"' }),
    step('On Supabase, see that SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY are those of the project.', {
      run: 'curl -sSI https://status.supabase.com',
    }),
    step('Read the error underneath, in error.cause, and the log of the database around that moment.'),
  ],
  healsByItself: 'Pools connect again by themselves once the database is back.',
})
