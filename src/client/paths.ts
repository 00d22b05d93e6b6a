/** Addresses of the HTTP API. Names are parsed before they get here, so that none is empty or a dot segment. */

export const modelPath = (modelId: string) => `/api/models/${encodeURIComponent(modelId)}`

export const versionPath = (modelId: string, version: string) =>
  `${modelPath(modelId)}/versions/${encodeURIComponent(version)}`

export const filePath = (modelId: string, version: string, path: string) =>
  `${versionPath(modelId, version)}/files/${eachPart(path)}`

export const environmentPath = (modelId: string, environment: string) =>
  `${modelPath(modelId)}/environments/${encodeURIComponent(environment)}`

export const savePath = (saveId: string) => `/api/saves/${encodeURIComponent(saveId)}`

export const uploadPath = (saveId: string, path: string) => `${savePath(saveId)}/files/${eachPart(path)}`

function eachPart(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
