import {
  anyOf,
  commonSdk,
  commonWording,
  defineCause,
  type ErrorContext,
  sdk,
  sqlstate,
  step,
  wording,
} from '../cause.js'
import { psql, sqlName, tableOf } from './place.js'

const ERRCODES = 'https://www.postgresql.org/docs/current/errcodes-appendix.html'

const table = (c: ErrorContext) => c.table ?? 'that the query names'
const migrate = step('Bring the tables up to date, as a user who may change them.', {
  run: 'modelry db migrate',
})

/** 42P01, 3F000; SQLite says "no such table" with its code for an error of any kind. */
export const tableMissing = defineCause({
  id: 'table-missing',
  title: 'A table is missing',
  because: (c) => `the database has no table ${table(c)} where the registry looks for it`,
  evidence: anyOf(
    sqlstate('42P01', '3F000'),
    sdk('P2021'),
    wording(
      [
        'relation "…" does not exist',
        'no such table',
        'table `…` does not exist',
        'undefined_table',
        'schema "…" does not exist',
      ],
      {
        de: ['relation »…« existiert nicht', 'schema »…« existiert nicht'],
        fr: ["la relation « …n'existe pas"],
        es: ['no existe la relación'],
      },
    ),
  ),
  retry: 'after-fix',
  steps: () => [
    step('See which tables there are, and in which schema.', { run: psql('\\dt *.*') }),
    step('See that the address names the right database and schema.', {
      run: psql('show search_path'),
    }),
    migrate,
    step('Where that does not help, the table was dropped by hand: restore a backup.'),
  ],
  source: ERRCODES,
})

/** 42703, P2022. */
export const columnMissing = defineCause({
  id: 'column-missing',
  title: 'A column is missing',
  narrows: ['table-missing'],
  because: (c) =>
    `${c.table === undefined ? 'a table' : `the table ${c.table}`} has no column ${c.column ?? 'that the query names'}`,
  evidence: anyOf(
    sqlstate('42703'),
    sdk('P2022'),
    wording(['no such column', 'has no column named'], {
      de: ['spalte…existiert nicht'],
    }),
    commonWording(['column…does not exist']),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See which columns the table has.', { run: psql(`\\d ${tableOf(c)}`) }),
    step('The tables are older than the program, or were changed by hand.'),
    migrate,
  ],
  source: ERRCODES,
})

/** 42883: a function of the registry, or an operator for the types given. */
export const functionMissing = defineCause({
  id: 'function-missing',
  title: 'A function is missing',
  because: () => 'the database has no function of that name and those arguments',
  evidence: anyOf(
    sqlstate('42883'),
    wording([], {
      de: ['funktion…existiert nicht'],
    }),
    commonWording(['function…does not exist', 'no such function']),
  ),
  retry: 'after-fix',
  steps: () => [
    step('See which functions there are.', { run: psql('\\df') }),
    step('Where it belongs to an extension, have the extension made in this database.', {
      run: psql('\\dx'),
    }),
    migrate,
  ],
  source: ERRCODES,
})

/** 42501: the user of the database may not touch the table. Row-level security has a cause of its own. */
export const databasePermission = defineCause({
  id: 'database-permission',
  title: 'No permission in the database',
  narrows: ['fs-permission'],
  because: (c) =>
    `${c.role === undefined ? 'the user of the database' : `the user ${c.role}`} has no permission on ${c.table === undefined ? 'what the query names' : c.table}`,
  evidence: anyOf(
    sqlstate('42501'),
    commonSdk('P1010'),
    wording(
      [
        'permission denied for',
        'must be owner of',
        'must be superuser',
        'user was denied access on the database',
      ],
      {
        de: ['keine berechtigung für', 'berechtigung nur für eigentümer'],
      },
    ),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See who may do what.', { run: psql(`\\dp ${tableOf(c)}`) }),
    step('Grant it, as the owner of the table.', {
      run: psql(
        `grant select, insert, update, delete on ${sqlName(c.table) ?? 'all tables in schema public'} to ${sqlName(c.role) ?? 'modelry'}`,
      ),
    }),
    step('On Supabase, use the service role key: the anonymous key may read nothing of a registry.'),
  ],
  source: ERRCODES,
})

/** 42601 and the rest of class 42: the query is not one that the database understands. */
export const queryInvalid = defineCause({
  id: 'query-invalid',
  title: 'The database does not understand the query',
  broad: true,
  because: () => 'the query breaks the syntax or the types of the database',
  evidence: anyOf(
    sqlstate('42'),
    wording(
      [
        'syntax error at or near',
        'near "…": syntax error',
        'syntax error at end of input',
        'operator does not exist',
      ],
      {
        de: ['syntaxfehler bei'],
      },
    ),
  ),
  retry: 'never',
  steps: () => [
    step('Read the message: it names the word at which the database stopped.'),
    step('See that the database is Postgres 12 to 18 itself.', {
      run: psql('select version()'),
    }),
    step('When the query is the registry’s own, report it with the whole message.'),
  ],
  source: ERRCODES,
})

/** Class 22: a value does not fit its type. */
export const valueInvalid = defineCause({
  id: 'value-invalid',
  title: 'A value does not fit its column',
  because: (c) =>
    `a value does not fit the type of ${c.column === undefined ? 'its column' : `the column ${c.column}`}`,
  evidence: anyOf(
    sqlstate('22'),
    commonSdk('P2000', 'P2006', 'P2020'),
    wording(
      [
        'value too long for type',
        'invalid input syntax for type',
        'numeric field overflow',
        'out of range for type',
        'invalid byte sequence for encoding',
        'datatype mismatch',
      ],
      {
        de: ['wert zu lang für typ', 'ungültige eingabesyntax für typ'],
      },
    ),
  ),
  retry: 'never',
  steps: () => [
    step('Read the message: it names the type and the value.'),
    step('Give a value that fits, such as a shorter text or a number in range.'),
  ],
  source: ERRCODES,
})

/** Most likely first; classes after the codes in them. */
export const postgresSchemaCauses = [
  tableMissing,
  columnMissing,
  databasePermission,
  functionMissing,
  valueInvalid,
  queryInvalid,
] as const
