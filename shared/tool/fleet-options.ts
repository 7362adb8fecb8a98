/** Options of `publish` and `front`: what all who speak with a registry have, and what each has alone. */
export const REGISTRY_OPTIONS = {
  registry: {
    type: 'string',
    describe:
      'where etcd is, as etcd://HOST:2379, or etcds:// for TLS; members with commas, then a prefix of the keys',
  },
  ca: { type: 'string', describe: "file of the CA of the registry's certificate, PEM" },
  certificate: { type: 'string', describe: 'file of an own certificate for the registry, PEM' },
  key: { type: 'string', describe: 'file of its private key, PEM' },
  user: { type: 'string', describe: 'user of the registry' },
  'password-file': {
    type: 'string',
    describe: 'file with the password in its first line; else it is asked for',
  },
} as const;

export const PUBLISH_OPTIONS = {
  at: { type: 'string', describe: 'where fronts reach this machine, such as 10.0.0.11:9000' },
} as const;

export const FRONT_OPTIONS = {
  haproxy: { type: 'string', describe: "path of HAProxy's admin socket" },
  directory: { type: 'string', describe: 'for the files with which HAProxy starts' },
  pools: {
    type: 'number',
    default: 64,
    describe: 'how many sets of machines with a path in common can be balanced over',
  },
  'proxy-protocol': {
    type: 'boolean',
    default: true,
    describe: "tell machines the client's address, by the PROXY protocol; on by default",
  },
  'print-config': { type: 'boolean', describe: 'print the configuration for HAProxy, and end' },
} as const;
