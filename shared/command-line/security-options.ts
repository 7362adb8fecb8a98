// Options for security, as command lines declare them.

/** Options of a service. */
export const SERVICE_SECURITY = {
  security: {
    choices: ['none', 'tls', 'windows', 'username'],
    describe: 'what every client has to use; required if other machines reach the service',
  },
  certificate: {
    type: 'string',
    describe: "tls, username: file of the service's certificate, PEM",
  },
  key: { type: 'string', describe: 'tls, username: file of its private key, PEM' },
  'client-ca': {
    type: 'string',
    describe: 'tls: file of the CA whose certificates clients have to present',
  },
  users: {
    type: 'string',
    describe: 'username: file of names and hashes; net-tcp-port-sharing user add makes it',
  },
  keytab: { type: 'string', describe: "windows: file of the service's keys, for Kerberos" },
  accounts: {
    type: 'string',
    describe: 'windows: file of names and hashes, for NTLM; net-tcp-port-sharing user add makes it',
  },
  allow: {
    type: 'string',
    array: true,
    describe: 'name of a user who may call, such as alice@EXAMPLE.ORG; may be repeated',
  },
} as const;

/** Options of a client. */
export const CLIENT_SECURITY = {
  security: {
    choices: ['none', 'tls', 'windows', 'username'],
    default: 'none',
    describe: 'what the service wants',
  },
  ca: {
    type: 'string',
    describe: "tls, username: file of the CA of the service's certificate, PEM",
  },
  certificate: { type: 'string', describe: "tls: file of the client's own certificate, PEM" },
  key: { type: 'string', describe: 'tls: file of its private key, PEM' },
  user: {
    type: 'string',
    describe: 'user to call as, such as alice@EXAMPLE.ORG; windows: default: who has logged in',
  },
  'password-file': {
    type: 'string',
    describe: 'file with the password in its first line; otherwise it is asked for',
  },
  spn: {
    type: 'string',
    describe: 'windows: name of the service in Kerberos; default: host/ followed by its machine',
  },
} as const;
