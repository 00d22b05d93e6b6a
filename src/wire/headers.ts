/** Header names that the server and its client share, in lower case as Node gives them. */

/** Who acts, while a server asks for no token. With a token, the actor is the token's name and this is ignored. */
export const ACTOR_HEADER = 'x-modelry-actor'

/** Finds one request in the server's log; taken from the caller when it is sane, made otherwise, and always answered. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** draft-ietf-httpapi-idempotency-key-header-07. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key'

/** `true` on an answer that was given before to the same Idempotency-Key. */
export const REPLAYED_HEADER = 'idempotency-replayed'

/** `false` on an answer to a request that found nothing to change. */
export const CHANGED_HEADER = 'modelry-changed'

/** `redirect` on a request for a file: the answer may be a redirection to the store. */
export const DIRECT_HEADER = 'modelry-direct'

export const PROBLEM_TYPE = 'application/problem+json'
export const NDJSON_TYPE = 'application/x-ndjson'
