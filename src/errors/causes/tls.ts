import {
  anyOf,
  commonErrno,
  commonSdk,
  commonWording,
  defineCause,
  type ErrorContext,
  errno,
  step,
  wording,
} from '../cause.js'
import { quote, theHost } from './place.js'

const NODE_TLS = 'https://nodejs.org/api/tls.html#x509-certificate-error-codes'

const connect = (c: ErrorContext) => quote(`${c.host ?? 'HOST'}:${c.port ?? 443}`)
const showCertificate = (c: ErrorContext, fields: string) =>
  `openssl s_client -connect ${connect(c)} </dev/null | openssl x509 -noout ${fields}`

/** The certificate was not issued by anybody that this machine trusts. */
export const tlsUntrusted = defineCause({
  id: 'tls-untrusted',
  title: 'The certificate is not trusted',
  narrows: ['connection-refused', 'tls-handshake'],
  because: (c) => `this machine does not trust the certificate of ${theHost(c, 'the other side')}`,
  evidence: anyOf(
    errno(
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_UNTRUSTED',
      'CERT_CHAIN_TOO_LONG',
      'CERT_SIGNATURE_FAILURE',
      'INVALID_PURPOSE',
      'CERT_REJECTED',
      'CERT_REVOKED',
    ),
    commonErrno('ERR_CERT_AUTHORITY_INVALID'),
    commonErrno('INVALID_CA'),
    wording([
      'unable to verify the first certificate',
      'certificate signed by unknown authority',
      'unable to find valid certification path',
      'pkix path building failed',
      'ssl validation failed',
      'certificate is not trusted',
      'root certificate file…does not exist',
    ]),
    commonWording([
      'self-signed certificate',
      'unable to get local issuer certificate',
      'certificate verify failed',
      'certificate_verify_failed',
    ]),
  ),
  retry: 'after-fix',
  status: 502,
  steps: (c) => [
    step('See who issued the certificate: a company proxy or the store itself stands there.', {
      run: showCertificate(c, '-issuer -subject -dates'),
    }),
    step('Give Node the certificate of that authority as a PEM file, and start the process again.', {
      run: 'export NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
    }),
    step('For Postgres, name the file as sslrootcert in the address of the database.'),
    step('Do not turn the check off: anybody on the way could then read the credentials.'),
  ],
  source: NODE_TLS,
})

/** The certificate is good, for another name. */
export const tlsWrongHost = defineCause({
  id: 'tls-wrong-host',
  title: 'The certificate is for another host',
  narrows: ['tls-untrusted', 'tls-handshake'],
  because: (c) => `the certificate of ${theHost(c, 'the other side')} is made out to another name`,
  evidence: anyOf(
    errno('ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'),
    commonErrno('ERR_CERT_COMMON_NAME_INVALID'),
    wording([
      "does not match certificate's altnames",
      "doesn't match either of",
      "hostname…doesn't match",
      'x509: certificate is valid for',
      'x509: cannot validate certificate for',
      'no alternative certificate subject name matches',
      'does not match host name',
      'server certificate for…does not match',
      'no subject alternative',
    ]),
    commonWording(['hostname mismatch']),
  ),
  retry: 'after-fix',
  status: 502,
  steps: (c) => [
    step('See which names the certificate has.', { run: showCertificate(c, '-subject -ext subjectAltName') }),
    step('Call the host by one of those names, rather than by its IP address or by an alias.'),
    step(
      'A bucket with dots in its name does not fit the wildcard of S3: use path style (forcePathStyle=true).',
    ),
  ],
  source: NODE_TLS,
})

/** The certificate is past its time, or before it. */
export const tlsExpired = defineCause({
  id: 'tls-expired',
  title: 'The certificate has expired',
  narrows: ['tls-untrusted', 'tls-handshake'],
  because: (c) =>
    `the certificate of ${theHost(c, 'the other side')} is not valid at the time of this machine`,
  evidence: anyOf(
    errno('CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CRL_HAS_EXPIRED'),
    commonErrno('ERR_CERT_DATE_INVALID'),
    wording([
      'certificate is not yet valid',
      'has expired or is not yet valid',
      'sslv3 alert certificate expired',
    ]),
    commonWording(['certificate has expired', 'certificate expired', 'notafter:']),
  ),
  retry: 'after-fix',
  status: 502,
  steps: (c) => [
    step('See from when to when it is valid.', { run: showCertificate(c, '-dates -subject') }),
    step('Compare with the clock of this machine: a wrong clock makes every certificate look expired.', {
      run: 'date -u',
    }),
    step('Have the certificate renewed by whoever runs the host, and the server told to read it again.'),
  ],
  source: NODE_TLS,
})

/** The two sides do not speak the same TLS, or one of them does not speak it at all. */
export const tlsHandshake = defineCause({
  id: 'tls-handshake',
  title: 'No TLS connection came about',
  because: (c) => `no TLS connection to ${theHost(c, 'the other side')} came about`,
  evidence: anyOf(
    errno(
      'EPROTO',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ERR_SSL_PACKET_LENGTH_TOO_LONG',
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
      'ERR_SSL_UNSUPPORTED_PROTOCOL',
      'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
      'ERR_SSL_DH_KEY_TOO_SMALL',
      'ERR_TLS_HANDSHAKE_TIMEOUT',
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    ),
    commonErrno('ERR_SSL_VERSION_OR_CIPHER_MISMATCH'),
    commonSdk('SSLHandshakeException'),
    wording([
      'wrong version number',
      'wrong_version_number',
      'alert protocol version',
      'client network socket disconnected before secure tls connection was established',
      'alert handshake failure',
      'first record does not look like a tls handshake',
      'server gave http response to https client',
    ]),
    commonWording(['handshake failure', 'tls handshake', 'unsupported protocol']),
  ),
  retry: 'after-fix',
  status: 502,
  steps: (c) => [
    step(
      'See what answers there: a server without TLS needs http:// in the endpoint, and one with TLS https://.',
      {
        run: `openssl s_client -connect ${connect(c)} </dev/null`,
      },
    ),
    step('Where the server is old, have it taught TLS 1.2 or 1.3: Node refuses what is older.'),
    step('Where the server asks for a certificate of the client, give it one.'),
  ],
  source: 'https://nodejs.org/api/tls.html',
})

/** Most likely first. */
export const tlsCauses = [tlsUntrusted, tlsExpired, tlsWrongHost, tlsHandshake] as const
