import { contentionClauses } from '../deployments/contention-clauses.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'

contentionClauses('Postgres', () => freshDatabase())
