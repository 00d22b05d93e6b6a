/** IANA, "Media Types", where there is one; the name in common use for HDF5. Text is UTF-8. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  ndjson: 'application/x-ndjson',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  h5: 'application/x-hdf5',
  hdf5: 'application/x-hdf5',
  keras: 'application/zip',
  npz: 'application/zip',
  zip: 'application/zip',
  gz: 'application/gzip',
  tgz: 'application/gzip',
  tar: 'application/x-tar',
  wasm: 'application/wasm',
}

export const BYTES = 'application/octet-stream'

/**
 * The media type of a file by the end of its name. Formats of weights (`.bin`, `.onnx`, `.safetensors`, `.pt`, …) have
 * no registered type and are bytes, as is what is not known. HTML and SVG are bytes too, so that no browser runs a
 * stored file as a page.
 */
export function mediaTypeOf(path: string): string {
  const extension = /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(BY_EXTENSION, extension) ? (BY_EXTENSION[extension] ?? BYTES) : BYTES
}
