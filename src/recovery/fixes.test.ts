import { fixCases } from './testing/fix-cases.js'
import { fixClauses } from './testing/fix-clauses.js'

for (const one of fixCases) fixClauses(one.how, one)
