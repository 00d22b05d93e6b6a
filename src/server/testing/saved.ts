import type { ModelMetadata } from '../../domain/metadata.js'
import { send } from './send.js'

export const metadata: ModelMetadata = {
  modelId: 'btc-lstm',
  version: '1.0.0',
  modelType: 'lstm',
  inputShape: [60, 5],
  outputShape: [1],
}

/** A version saved over HTTP in its steps, with the files given. @returns its record. */
export async function saved(
  url: string,
  files: Readonly<Record<string, string | Uint8Array>> = { 'model.json': '{"w":[1,2,3]}' },
  more: Partial<ModelMetadata> = {},
  token?: string,
) {
  const auth = token === undefined ? {} : { token }
  const json = { metadata: { ...metadata, ...more }, files: Object.keys(files) }
  const { saveId } = ok(await send(url, '/api/saves', { method: 'POST', json, ...auth }))
  for (const [path, body] of Object.entries(files))
    ok(
      await send(url, `/api/saves/${saveId}/files/${path.split('/').map(encodeURIComponent).join('/')}`, {
        method: 'PUT',
        body,
        ...auth,
      }),
    )
  return ok(await send(url, `/api/saves/${saveId}/publish`, { method: 'POST', ...auth }))
}

function ok(answer: Awaited<ReturnType<typeof send>>) {
  if (answer.status !== 201) throw new Error(`expected 201, got ${answer.status}: ${answer.body}`)
  return answer.json()
}
