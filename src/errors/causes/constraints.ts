import { anyOf, defineCause, type ErrorContext, sdk, sqlite, sqlstate, step, wording } from '../cause.js'
import { psql, quote, tableOf } from './place.js'

const ERRCODES = 'https://www.postgresql.org/docs/current/errcodes-appendix.html'

const constraint = (c: ErrorContext) =>
  c.constraint === undefined ? 'a constraint' : `the constraint ${c.constraint}`
const table = (c: ErrorContext) => (c.table === undefined ? 'the table' : `the table ${c.table}`)
const describeTable = (c: ErrorContext) => psql(`\\d ${tableOf(c)}`)

/** 23505, SQLITE_CONSTRAINT_UNIQUE (2067) and _PRIMARYKEY (1555), P2002. */
export const uniqueViolation = defineCause({
  id: 'unique-violation',
  title: 'A row of that key exists',
  because: (c) => `a row with the same key is in ${table(c)} already (${constraint(c)})`,
  evidence: anyOf(
    sqlstate('23505'),
    sqlite(2067, 1555, 2579),
    sdk('P2002'),
    wording(
      [
        'duplicate key value violates unique constraint',
        'unique constraint failed',
        'unique constraint violation',
      ],
      {
        de: ['doppelter schlüsselwert verletzt unique-constraint'],
        fr: ['rompt la contrainte unique'],
        es: ['llave duplicada viola restricción de unicidad'],
      },
    ),
  ),
  retry: 'never',
  status: 409,
  steps: (c) => [
    step('Look at the row that is there; the detail of the message names its key.', {
      run: describeTable(c),
    }),
    step('Use another key, or take what is there. For a version of a model, save under the next version.'),
  ],
  source: ERRCODES,
})

/** 23503, SQLITE_CONSTRAINT_FOREIGNKEY (787), P2003. */
export const foreignKeyViolation = defineCause({
  id: 'foreign-key-violation',
  title: 'A row points to one that is not there',
  because: (c) => `${constraint(c)} would be left pointing to a row that is not there`,
  evidence: anyOf(
    sqlstate('23503', '23001'),
    sqlite(787),
    sdk('P2003'),
    wording(
      ['violates foreign key constraint', 'foreign key constraint failed', 'foreign key constraint violated'],
      {
        de: ['verletzt fremdschlüssel-constraint'],
      },
    ),
  ),
  retry: 'after-fix',
  status: 409,
  steps: (c) => [
    step('See what the constraint joins; the detail of the message names the key.', {
      run: describeTable(c),
    }),
    step('Add the row that is pointed to first, or remove the rows that point to it before it goes.'),
    step('When nobody works on the tables by hand, two calls met: read the state, and make the call again.'),
  ],
  source: ERRCODES,
})

/** 23514, SQLITE_CONSTRAINT_CHECK (275). */
export const checkViolation = defineCause({
  id: 'check-violation',
  title: 'A value breaks a rule of the table',
  because: (c) => `a value breaks ${constraint(c)} of ${table(c)}`,
  evidence: anyOf(
    sqlstate('23514'),
    sqlite(275),
    sdk('P2004'),
    wording(['violates check constraint', 'check constraint failed'], {
      de: ['verletzt check-constraint'],
    }),
  ),
  retry: 'never',
  steps: (c) => [
    step('See what the rule asks for.', { run: describeTable(c) }),
    step('Give a value that fits: accuracy from 0 to 1, a modelType and a status of the documented ones.'),
  ],
  source: ERRCODES,
})

/** 23502, SQLITE_CONSTRAINT_NOTNULL (1299), P2011. */
export const notNullViolation = defineCause({
  id: 'not-null-violation',
  title: 'A value is missing',
  because: (c) =>
    `${c.column === undefined ? 'a column' : `the column ${c.column}`} of ${table(c)} must have a value and was given none`,
  evidence: anyOf(
    sqlstate('23502'),
    sqlite(1299),
    sdk('P2011'),
    wording(['violates not-null constraint', 'not null constraint failed', 'null constraint violation'], {
      de: ['verletzt not-null-constraint'],
    }),
  ),
  retry: 'never',
  steps: (c) => [
    step('See which columns must have a value.', { run: describeTable(c) }),
    step(
      `Give ${c.column === undefined ? 'it' : quote(c.column)} a value. A column that the program does not know was added by somebody else: give it a default.`,
    ),
  ],
  source: ERRCODES,
})

/** What the database refuses by a rule of the tables, most likely first. */
export const constraintCauses = [
  uniqueViolation,
  foreignKeyViolation,
  notNullViolation,
  checkViolation,
] as const
