import {
  allOf,
  anyOf,
  commonErrno,
  commonSdk,
  commonWording,
  defineCause,
  type ErrorContext,
  errno,
  sdk,
  status,
  step,
  wording,
} from '../cause.js'
import { quote, theHost } from './place.js'

const host = (c: ErrorContext) => c.host ?? 'HOST'

/** What answered is not the store or the database: a proxy, a balancer, a page to sign in to a network. */
export const proxyInBetween = defineCause({
  id: 'proxy-in-between',
  title: 'A proxy answered in its place',
  narrows: ['json-invalid'],
  because: (c) => `something between here and ${theHost(c, 'the other side')} answered in its place`,
  evidence: anyOf(
    status(407),
    errno('HPE_INVALID_CONSTANT', 'HPE_INVALID_HEADER_TOKEN', 'HPE_INVALID_VERSION'),
    commonErrno('ERR_TUNNEL_CONNECTION_FAILED', 'ERR_PROXY_CONNECTION_FAILED'),
    sdk('ProxyConnectionError'),
    commonSdk('ProxyError'),
    wording([
      'proxy authentication required',
      'failed to connect to proxy',
      'unable to connect to proxy',
      'tunnel connection failed',
      'tunneling socket could not be established',
      'received http code…from proxy',
      'xml parse error',
      'unexpected token < in json at position 0',
      "unexpected token '<'…doctype",
      "unexpected token '<'…html",
      'expected http/, rtsp/ or ice/',
    ]),
    commonWording(['char…is not expected', 'unexpected closing tag']),
    allOf(
      wording(['<html', '<!doctype html']),
      anyOf(
        status(502),
        status(503),
        status(504),
        status(403),
        wording(['nginx', 'cloudflare', 'squid', 'zscaler', 'gateway time-out']),
        commonWording(['bad gateway']),
      ),
    ),
  ),
  retry: 'after-fix',
  status: 502,
  outcome: 'unknown',
  steps: (c) => [
    step('See who answers: the headers Server and Via name it.', {
      run: `curl -sSI ${quote(c.endpoint ?? `https://${host(c)}`)}`,
    }),
    step('See which proxy is set for this process.', { run: 'env | grep -i proxy' }),
    step('Take the host out of the proxy with NO_PROXY, or give the proxy its name and password.'),
    step('Where the proxy is your own, read its log: it could not reach what stands behind it.'),
  ],
  source: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.3',
})

/** `fetch` says no more than that; what happened is in the cause of the error. */
export const fetchFailed = defineCause({
  id: 'fetch-failed',
  title: 'The request failed without a reason given',
  broad: true,
  symptom: true,
  because: () => 'the request got no answer, and the message does not say why',
  evidence: anyOf(
    wording(['fetch failed']),
    commonWording(['failed to fetch', 'networkerror when attempting to fetch', 'network request failed']),
  ),
  retry: 'safe',
  retryInMs: 1_000,
  status: 503,
  outcome: 'unknown',
  steps: (c) => [
    step('Print the error with its cause, as console.error(error) does: the reason stands under [cause].'),
    step('See whether the other side answers.', {
      run: `curl -sSI ${quote(c.endpoint ?? `https://${host(c)}`)}`,
    }),
    step('In a browser, see the network panel: a call that CORS forbids fails with these words too.'),
  ],
  source: 'https://fetch.spec.whatwg.org/#concept-network-error',
})

/** What HTTP itself answered, or that it did not answer; most likely first. */
export const httpAnswerCauses = [proxyInBetween, fetchFailed] as const
