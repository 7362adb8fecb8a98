import { COMMON_OPTIONS } from '../command-line/command.ts';
import { CLIENT_SECURITY } from '../command-line/security-options.ts';
import { LOG_FORMATS } from '../port-sharing/machine/log-format.ts';

/** Options of `publish` and `front`: what all who speak with a registry have, and what each has alone. */
export const REGISTRY_OPTIONS = {
  registry: {
    type: 'string',
    describe:
      'where etcd is, as etcd://HOST:2379, or etcds:// for TLS; members with commas, then a prefix of the keys',
  },
  ca: { type: 'string', describe: "file of the CA of the registry's certificate, PEM" },
  certificate: { type: 'string', describe: 'file of a client certificate for the registry, PEM' },
  key: { type: 'string', describe: 'file of its private key, PEM' },
  user: { type: 'string', describe: 'user of the registry' },
  'password-file': {
    type: 'string',
    describe: 'file with the password in its first line; otherwise it is asked for',
  },
} as const;

export const PUBLISH_OPTIONS = {
  at: { type: 'string', describe: 'where fronts reach this machine, such as 10.0.0.11:9000' },
} as const;

export const FRONT_OPTIONS = {
  haproxy: { type: 'string', describe: "path of HAProxy's admin socket" },
  directory: { type: 'string', describe: 'directory of the files that HAProxy starts with' },
  pools: {
    type: 'number',
    default: 64,
    describe: 'how many groups of machines that share paths can be balanced',
  },
  'proxy-protocol': {
    type: 'boolean',
    default: true,
    describe: "tell machines the client's address, by the PROXY protocol; on by default",
  },
  'print-config': { type: 'boolean', describe: 'print the configuration for HAProxy, and end' },
} as const;

/** Every option of `net-tcp-port-sharing` and of its commands; no two share a name. */
export const OPTIONS = {
  ...COMMON_OPTIONS,
  watch: { type: 'boolean', describe: 'show it again every second' },
  transfer: {
    choices: ['hand-over', 'relay'],
    describe: 'how connections get to services; the default is the best that works',
  },
  limit: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'a limit to set, as name=value; may be repeated',
  },
  'trust-proxy': {
    type: 'string',
    array: true,
    describe:
      'a front to trust, as ADDRESS/BITS: its PROXY protocol v2 headers say who its clients are; may be repeated',
  },
  'log-file': { type: 'boolean', describe: 'log to the log file instead' },
  'log-format': {
    choices: LOG_FORMATS,
    describe: 'form of the log: text (the default) for people, json for programs',
  },
  port: { type: 'number', default: 9000, describe: 'the shared TCP port' },
  bind: {
    type: 'string',
    describe:
      'address or name of this machine at which the port is reached; the default is loopback',
  },
  encoding: {
    choices: ['msgpack', 'soap', 'soap-streamed'],
    describe: "encoding of the envelopes, for a service's side of a stream, which does not name it",
  },
  listen: {
    type: 'string',
    describe:
      'where to serve HTTP, as host:port, until stopped; without it metrics prints once, and dashboard takes a free port',
  },
  users: { type: 'string', describe: 'file of user names, for --security username' },
  out: {
    type: 'string',
    describe: 'file to write, such as orders.ts; the default is standard output',
  },
  'other-hosts': {
    type: 'boolean',
    describe: 'also fetch what the metadata import from other hosts',
  },
  ...CLIENT_SECURITY,
  accounts: { type: 'string', describe: 'file of accounts for NTLM, for --security windows' },
  ...REGISTRY_OPTIONS,
  ...PUBLISH_OPTIONS,
  ...FRONT_OPTIONS,
} as const;
