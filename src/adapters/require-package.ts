import { createRequire } from 'node:module'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'

/**
 * Looks for an optional package, without loading it: those who need it install it.
 *
 * @param what - needs it, such as "A store in S3".
 * @throws ModelValidationError that says what to install.
 */
export function requirePackage(name: string, what: string): void {
  try {
    createRequire(import.meta.url).resolve(name)
  } catch (cause) {
    const allowed = `the package beside modelry: npm install ${name}`
    const message = `${what} needs the package ${name}, which is not installed. Install it: npm install ${name}`
    const validationErrors = [{ path: name, found: 'no such package', allowed, message }]
    throw new ModelValidationError({ operation: 'Opening the store', validationErrors }, { cause })
  }
}
