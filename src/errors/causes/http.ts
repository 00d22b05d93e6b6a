import { defineCause, type ErrorContext, knownToRegistry, step } from '../cause.js'

const rule = { evidence: knownToRegistry, source: 'modelry' } as const
const RFC9110 = 'https://www.rfc-editor.org/rfc/rfc9110'
const RFC6750 = 'https://www.rfc-editor.org/rfc/rfc6750#section-3.1'
const server = (c: ErrorContext) => String(c.server ?? 'the server')
/** A token for the scope that the request needs; the server's own does for each of them. */
const tokenStep = (c: ErrorContext, otherwise: string) => {
  const scope = String(c.expected ?? otherwise)
  const own = scope === 'admin' ? ', or send its ADMIN_TOKEN' : ''
  return step(`Have a token for ${scope} made by whoever runs the server${own}.`, {
    run: `modelry token create my-name --scope ${scope}`,
  })
}
const firstProblem = (c: ErrorContext) => c.validationErrors?.[0]?.message ?? 'it cannot be read'

/** The request or its address cannot be read as HTTP and JSON say. */
export const malformedRequest = defineCause({
  ...rule,
  id: 'malformed-request',
  title: 'The request cannot be read',
  because: (c) => `the request cannot be read: ${firstProblem(c)}`,
  retry: 'never',
  status: 400,
  steps: () => [step('Correct the request as the message says; /openapi.json has the form of each.')],
  source: `${RFC9110}#section-15.5.1`,
})

/** More bytes than the server takes. */
export const bodyTooLarge = defineCause({
  ...rule,
  id: 'body-too-large',
  title: 'The body is too large',
  because: (c) =>
    `the body is larger than the ${String(c.expected ?? 'number of')} bytes that the server takes there`,
  retry: 'never',
  status: 413,
  steps: () => [
    step('Send less: metadata is meant for facts about a model, and its content goes into files.'),
    step('For a file, ask whoever runs the server to raise its limit (maxFileBytes).'),
  ],
  source: `${RFC9110}#section-15.5.14`,
})

/** A content type or a content coding that the server does not take. */
export const mediaTypeRefused = defineCause({
  ...rule,
  id: 'media-type-refused',
  title: 'The form of the body is not taken',
  because: (c) => `the server does not take the body: ${firstProblem(c)}`,
  retry: 'never',
  status: 415,
  steps: () => [
    step('Send JSON as application/json, and the bytes of a file as they are, without a content coding.'),
  ],
  source: `${RFC9110}#section-15.5.16`,
})

/** The server has tokens, and the request carried none. */
export const tokenMissing = defineCause({
  ...rule,
  id: 'token-missing',
  title: 'The server asks for an access token',
  because: () => 'the server asks for an access token and none was sent',
  retry: 'after-fix',
  status: 401,
  steps: (c) => [
    tokenStep(c, 'read'),
    step('Send it as "Authorization: Bearer <token>", or put it into MODELRY_TOKEN.'),
  ],
  source: RFC6750,
})

/** A token was sent that the server does not know: mistyped, revoked, or of another server. */
export const tokenUnknown = defineCause({
  ...rule,
  id: 'token-unknown',
  title: 'The access token is not known',
  because: () => 'the server does not know the access token that was sent',
  retry: 'after-fix',
  status: 401,
  steps: (c) => [
    step('See whether the token is whole, was revoked, or belongs to another server.', {
      run: 'modelry token list',
    }),
    tokenStep(c, 'read'),
  ],
  source: RFC6750,
})

/** The token is good, but not for this. */
export const scopeMissing = defineCause({
  ...rule,
  id: 'scope-missing',
  title: 'The access token does not allow this',
  because: (c) =>
    `the token ${c.actual === undefined ? 'that was sent' : String(c.actual)} does not have the scope ${c.expected === undefined ? '' : `${String(c.expected)} `}that this needs`,
  retry: 'after-fix',
  status: 403,
  steps: (c) => [tokenStep(c, 'write')],
  source: RFC6750,
})

/**
 * A server without tokens answers only to the names of this machine, so that no web page can reach it by a name of its
 * own that resolves here (DNS rebinding).
 */
export const hostRefused = defineCause({
  ...rule,
  id: 'host-refused',
  title: 'The server does not answer to that name',
  because: (c) =>
    `a server without access tokens answers only as localhost, and it was asked as ${String(c.actual ?? 'another name')}`,
  retry: 'never',
  status: 403,
  steps: () => [
    step('Use an address with localhost or 127.0.0.1.'),
    step('To reach it by another name, make a token; the server then asks for it.', {
      run: 'modelry token create my-name --scope admin',
    }),
  ],
})

/** A web page of another origin tried to change something on a server that asks for no token. */
export const originRefused = defineCause({
  ...rule,
  id: 'origin-refused',
  title: 'Another web page may not do this',
  because: (c) => `the request comes from a web page of another origin, ${String(c.actual ?? 'unknown')}`,
  retry: 'never',
  status: 403,
  steps: () => [step('Make the call from a page of the server itself, or from outside a browser.')],
  source: 'https://fetch.spec.whatwg.org/#origin-header',
})

/** Listening where others can connect needs a token first. */
export const exposedWithoutToken = defineCause({
  ...rule,
  id: 'exposed-without-token',
  title: 'Others could use the server without a token',
  because: (c) =>
    `${String(c.actual ?? 'that address')} can be reached from other machines and the registry has no access token, so that anybody could change models`,
  retry: 'after-fix',
  steps: () => [
    step('Make a token first.', { run: 'modelry token create my-name --scope admin' }),
    step('Or listen on this machine alone, with --host 127.0.0.1.'),
    step('Or pass --insecure, where something else keeps others out.'),
  ],
})

/** No answer came: the name does not resolve, nothing listens there, the connection broke. */
export const serverUnreachable = defineCause({
  ...rule,
  id: 'server-unreachable',
  title: 'The registry server cannot be reached',
  narrows: ['connection-refused', 'timed-out', 'host-not-found', 'connection-reset'],
  because: (c) =>
    `${server(c)} ${c.answerLost === true ? 'was asked, but its answer did not arrive' : 'cannot be reached'}${c.problem === undefined ? '' : ` (${c.problem})`}`,
  retry: 'safe',
  status: 503,
  steps: (c) => [
    step('See whether the server runs and answers.', { run: `curl -fsS ${server(c)}/healthz` }),
    step('Correct the address (--server, MODELRY_SERVER), or start the server.', { run: 'modelry serve' }),
  ],
  source: 'https://fetch.spec.whatwg.org/#concept-network-error',
})

/** What came back is not what a registry server answers: a proxy's page, a failure of the server itself. */
export const serverFailed = defineCause({
  ...rule,
  id: 'server-failed',
  title: 'The server did not answer as a registry does',
  because: (c) => `${server(c)} answered ${String(c.actual ?? 'something else')} and not as a registry does`,
  retry: 'after-fix',
  status: 502,
  steps: (c) => [
    step('See whether that address is a modelry server, and not a proxy in front of one that is away.', {
      run: `curl -sS ${server(c)}/readyz`,
    }),
    step("Look for the request in the server's log, by its requestId."),
  ],
})

/** What a server refuses before the registry is asked. */
export const requestCauses = [
  malformedRequest,
  bodyTooLarge,
  mediaTypeRefused,
  tokenMissing,
  tokenUnknown,
  scopeMissing,
  hostRefused,
  originRefused,
] as const
