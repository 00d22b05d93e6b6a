import {
  anyOf,
  commonErrno,
  commonSdk,
  commonWording,
  defineCause,
  type ErrorContext,
  errno,
  sdk,
  sqlstate,
  status,
  step,
  wording,
} from '../cause.js'
import { quote, theHost } from './place.js'

const NODE_ERRORS = 'https://nodejs.org/api/errors.html#common-system-errors'

const host = (c: ErrorContext) => c.host ?? 'HOST'
const port = (c: ErrorContext) => String(c.port ?? 'PORT')

/** No answer in time: neither yes nor no. */
export const timedOut = defineCause({
  id: 'timed-out',
  title: 'No answer in time',
  narrows: ['aborted'],
  because: (c) => `${theHost(c, 'the other side')} did not answer in time`,
  evidence: anyOf(
    errno(
      'ETIMEDOUT',
      'ESOCKETTIMEDOUT',
      'UND_ERR_CONNECT_TIMEOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_BODY_TIMEOUT',
      'ERR_SOCKET_CONNECTION_TIMEOUT',
      'ABORT_TIMEOUT',
      'CONNECT_TIMEOUT',
    ),
    commonErrno('ERR_TIMED_OUT'),
    sdk('ConnectTimeoutError', 'ReadTimeoutError', 'HeadersTimeoutError', 'BodyTimeoutError'),
    commonSdk('TimeoutError', 'RequestTimeout', 'RequestTimeoutException', 'ConnectTimeout', 'ReadTimeout'),
    status(408),
    wording(
      [
        'did not establish a connection with the server within',
        'socket timed out',
        'requesttimeout',
        'read timeout on endpoint',
        'connect timeout on endpoint',
        'not read from or written to within the timeout',
        'connection attempt failed because the connected party did not properly respond',
      ],
      {
        de: ['die wartezeit für die verbindung ist abgelaufen', 'zeitüberschreitung bei der verbindung'],
      },
    ),
    commonWording([
      'connection timed out',
      'operation timed out',
      'request timed out',
      'timeout expired',
      'i/o timeout',
      'context deadline exceeded',
      'aborted due to timeout',
      'timeout of…exceeded',
      'read timed out',
    ]),
  ),
  retry: 'safe',
  retryInMs: 5_000,
  status: 504,
  outcome: 'unknown',
  steps: (c) => [
    step('See whether the host can be reached; no answer at all means a firewall or security group.', {
      run: `nc -vz -w 5 ${quote(host(c))} ${quote(port(c))}`,
    }),
    step('Make the same call again: the registry reads back what became of a change before it repeats it.'),
    step('When large files alone fail, allow more time, or send them in smaller parts.'),
  ],
  source: NODE_ERRORS,
})

/** The host is there, and nothing listens at the port. */
export const connectionRefused = defineCause({
  id: 'connection-refused',
  title: 'The connection was refused',
  narrows: ['connection-reset'],
  because: (c) => `nothing accepts connections at ${theHost(c, 'that host and port')}`,
  evidence: anyOf(
    errno('ECONNREFUSED'),
    commonErrno('ERR_CONNECTION_REFUSED'),
    sdk('EndpointConnectionError'),
    commonSdk('ConnectionRefusedError'),
    wording(
      [
        'connection refused',
        'actively refused',
        'could not connect to the endpoint url',
        "couldn't connect to server",
      ],
      {
        de: ['verbindungsaufbau abgelehnt', 'zielcomputer die verbindung verweigerte'],
        fr: ['connexion refusée'],
        es: ['conexión rehusada', 'conexión rechazada'],
      },
    ),
    commonWording(['failed to connect to']),
  ),
  retry: 'safe',
  retryInMs: 5_000,
  status: 503,
  steps: (c) => [
    step('See whether something listens there.', { run: `nc -vz ${quote(host(c))} ${quote(port(c))}` }),
    step(
      'Start the server, or correct the host and port. In a container, localhost is the container itself.',
    ),
    step('See what the registry uses.', { run: 'modelry config' }),
  ],
  source: NODE_ERRORS,
})

/** The other side, or something on the way, broke a connection that was open. */
export const connectionReset = defineCause({
  id: 'connection-reset',
  title: 'The connection broke',
  narrows: ['timed-out'],
  because: (c) => `the connection to ${theHost(c, 'the other side')} broke before the answer was complete`,
  evidence: anyOf(
    errno(
      'ECONNRESET',
      'EPIPE',
      'ECONNABORTED',
      'UND_ERR_SOCKET',
      'ERR_STREAM_PREMATURE_CLOSE',
      'ERR_SSL_UNEXPECTED_EOF',
      'CONNECTION_CLOSED',
      'CONNECTION_ENDED',
      'CONNECTION_DESTROYED',
    ),
    commonErrno('ERR_CONNECTION_RESET'),
    sqlstate('08006', '08003', '08007'),
    sdk(
      'ConnectionClosedError',
      'IncompleteReadError',
      'ResponseStreamingError',
      'ConnectionDoesNotExistError',
      'StorageStreamingError',
    ),
    commonSdk('IncompleteRead', 'ConnectionResetError', 'BrokenPipeError', 'RemoteDisconnected'),
    wording(
      [
        'connection reset by peer',
        'socket hang up',
        'server closed the connection unexpectedly',
        'connection terminated unexpectedly',
        'server has closed the connection',
        'remote end closed connection',
        'connection was closed before we received a valid response',
        'connection was forcibly closed',
        'other side closed',
        'empty reply from server',
        'ssl connection has been closed unexpectedly',
        'connection ended unexpectedly',
        'failed to respond',
        'server failed to send complete response',
      ],
      {
        de: [
          'die verbindung wurde vom kommunikationspartner zurückgesetzt',
          'server beendete die verbindung unerwartet',
          'datenübergabe unterbrochen',
        ],
      },
    ),
    commonWording(['broken pipe', 'unexpected eof']),
  ),
  retry: 'safe',
  retryInMs: 1_000,
  status: 503,
  outcome: 'unknown',
  steps: (c) => [
    step('Make the same call again: the registry reads back what became of a change before it repeats it.'),
    step(`When it happens again, read the log of ${theHost(c, 'the other side')}.`),
    step('When it happens after the same time or size, look for a proxy or firewall with a limit.'),
  ],
  source: NODE_ERRORS,
})

/** The name has no address: a typing error, a name of another network, or a region that does not exist. */
export const hostNotFound = defineCause({
  id: 'host-not-found',
  title: 'No host of that name',
  narrows: ['connection-reset', 'connection-refused'],
  because: (c) => `the name ${c.host ?? 'of the host'} has no address`,
  evidence: anyOf(
    errno('ENOTFOUND', 'EAI_NONAME', 'EAI_NODATA', 'EAI_FAIL'),
    commonErrno('ERR_NAME_NOT_RESOLVED'),
    commonErrno('ENODATA'),
    sdk('UnknownEndpoint', 'NameResolutionError'),
    commonSdk('UnknownHostException', 'gaierror'),
    wording(
      [
        'name or service not known',
        'no such host',
        'could not resolve host',
        'could not translate host name',
        'nodename nor servname provided',
        'inaccessible host',
        'getaddrinfo failed',
        'no address associated with hostname',
      ],
      {
        de: ['der name oder der dienst ist nicht bekannt', 'konnte hostnamen…nicht in adresse übersetzen'],
      },
    ),
    commonWording(['failed to resolve', 'unknown host']),
  ),
  retry: 'after-fix',
  status: 503,
  steps: (c) => [
    step('See whether the name resolves on this machine.', { run: `getent hosts ${quote(host(c))}` }),
    step('Correct the name: a typing error, a wrong region, or one of another network.'),
    ...(c.role === undefined && c.database === undefined
      ? [step('With a store other than AWS, use path style (forcePathStyle=true).')]
      : []),
  ],
  source: NODE_ERRORS,
})

/** The resolver itself does not answer, so that nothing is known of the name. */
export const resolverUnavailable = defineCause({
  id: 'resolver-unavailable',
  title: 'The name server does not answer',
  narrows: ['host-not-found', 'timed-out', 'connection-refused'],
  because: (c) => `the name server did not answer for ${c.host ?? 'the name of the host'}`,
  evidence: anyOf(
    errno('EAI_AGAIN', 'ESERVFAIL', 'DNS_TIMEOUT'),
    commonErrno('EREFUSED'),
    wording(['temporary failure in name resolution', 'server misbehaving', 'resolver…timed out'], {
      de: ['temporärer fehler bei der namensauflösung'],
    }),
    commonWording(['lookup…i/o timeout']),
  ),
  retry: 'safe',
  retryInMs: 5_000,
  status: 503,
  steps: (c) => [
    step('See which name server is asked, and whether it answers.', {
      run: `cat /etc/resolv.conf; getent hosts ${quote(host(c))}`,
    }),
    step('See whether this machine or container has a network at all.', { run: 'ip route' }),
    step('Make the same call again when names resolve.'),
  ],
  source: NODE_ERRORS,
})

/** There is no way to the network of the host. */
export const networkUnreachable = defineCause({
  id: 'network-unreachable',
  title: 'The network cannot be reached',
  narrows: ['connection-refused'],
  because: (c) => `there is no way to ${theHost(c, 'the host')} from this machine`,
  evidence: anyOf(
    errno('ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL'),
    commonErrno('ERR_INTERNET_DISCONNECTED', 'ERR_ADDRESS_UNREACHABLE'),
    wording(['no route to host', 'network is unreachable', 'host is unreachable'], {
      de: ['keine route zum zielrechner', 'das netzwerk ist nicht erreichbar'],
    }),
    commonWording(['host is down']),
  ),
  retry: 'safe',
  retryInMs: 5_000,
  status: 503,
  steps: (c) => [
    step('See which way this machine would take.', { run: `ip route get ${quote(host(c))}` }),
    step('Connect the VPN, or give the subnet a gateway or an endpoint for the store.'),
    step('Where the address is IPv6 and this network is not, use one that has an IPv4 address.'),
  ],
  source: NODE_ERRORS,
})

/** Most likely first. */
export const networkCauses = [
  timedOut,
  connectionRefused,
  connectionReset,
  hostNotFound,
  resolverUnavailable,
  networkUnreachable,
] as const
