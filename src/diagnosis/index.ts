/** `modelry/diagnosis`: from an error or a text to its cause, and the search of the catalog; runs in a browser. */

export { describeError } from './describe-error.js'
export { diagnose } from './diagnose.js'
export { diagnoseText } from './diagnose-text.js'
export type { DiagnoseOptions, Diagnosis, EvidenceShown } from './diagnosis.js'
export { type Operation, operations } from './read/operations.js'
export { type CatalogFacets, searchCatalog } from './search-catalog.js'
