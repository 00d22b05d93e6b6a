/** What opening a database does where its tables are older than the program: brings them up to date, or refuses it. */
export const migrationModes = ['auto', 'check'] as const
export type MigrationMode = (typeof migrationModes)[number]
