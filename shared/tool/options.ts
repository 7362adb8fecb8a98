import { COMMON_OPTIONS } from '../command-line/command.ts';

/** Every option of `net-tcp-port-sharing` and of its commands; no two share a name. */
export const OPTIONS = {
  ...COMMON_OPTIONS,
  watch: { type: 'boolean', describe: 'again every second' },
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
  'log-file': { type: 'boolean', describe: 'log to the log file instead' },
  port: { type: 'number', default: 9000, describe: 'the shared TCP port' },
  bind: {
    type: 'string',
    describe: 'address or name of this machine to be reached at; the default is loopback',
  },
  encoding: {
    choices: ['msgpack', 'soap', 'soap-streamed'],
    describe: "what a service's envelopes are in, which its side does not say",
  },
} as const;
