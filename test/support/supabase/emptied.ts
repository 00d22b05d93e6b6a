import { emptySchema, inTurns } from '../postgres/emptied.js'
import { freshProject, type Project } from './project.js'

/** Projects with the tables of a registry, for the tests of a file: each time another one, emptied. */
export function emptiedProjects(): () => Promise<Project> {
  const next = inTurns((lasting) => freshProject('migrated', lasting))
  return async () => {
    const project = next()
    await emptySchema(project.databaseUrl, 'public')
    return project
  }
}
