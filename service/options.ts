// The command line of the service: `calculator-service [options]`.
import { unbracketed } from '../shared/address.ts';
import { checkInteger, COMMON_OPTIONS, readArguments } from '../shared/command-line/command.ts';
import { type ServiceSecurity, serviceSecurity } from '../shared/command-line/security.ts';
import { SERVICE_SECURITY } from '../shared/command-line/security-options.ts';
import { printable, quoted, QUOTED_CHARS } from '../shared/printable.ts';

/** The highest number of a service: the sample's is a `ushort`. */
export const MAX_SALT = 65_535;

const OPTIONS = {
  ...COMMON_OPTIONS,
  salt: { type: 'number', describe: 'number to use; the default is a random one' },
  port: { type: 'number', default: 9000, describe: 'TCP port; 0 takes a free one' },
  bind: {
    type: 'string',
    default: 'localhost',
    describe: 'address or name of this machine at which it is reached; 0.0.0.0 or :: for all',
  },
  'port-sharing': {
    type: 'boolean',
    default: true,
    describe: 'share the port; --no-port-sharing: have it alone',
  },
  replicas: {
    type: 'boolean',
    default: false,
    describe: 'let others with this option have the same number, and share its callers',
  },
  ...SERVICE_SECURITY,
} as const;

/** The service's command line, for `--help` and for both ways of reading it. */
export const COMMAND = {
  name: 'calculator-service',
  usage:
    '$0 [options]\n\nOffers the calculator at net.tcp://localhost:9000/calculator/<number>, on a port that any number of services share. Press ENTER to stop it.',
  examples: [
    ['$0', 'one of many services on port 9000'],
    ['$0 --salt 4381 --bind 0.0.0.0 --security none', 'a fixed number, for every machine'],
    ['$0 --port 0 --json', 'a free port, and where it is, for a script'],
  ],
  options: OPTIONS,
  takesWords: false,
  onWord: (word: string): string =>
    /^\d+$/.test(word)
      ? `The number has an option of its own: --salt ${printable(word, QUOTED_CHARS)}`
      : `${quoted(word)} is not an option, and the service takes nothing else. See --help.`,
} as const;

/** What the service is asked to do. */
export interface ServiceOptions extends ServiceSecurity {
  readonly json: boolean;
  /** Its number; `undefined` for a random one. */
  readonly salt: number | undefined;
  /** 0 to 65535; 0 for a free port. */
  readonly port: number;
  /** As `NetTcpBindingOptions.bind`. */
  readonly bind: string;
  readonly portSharing: boolean;
  readonly replicas: boolean;
}

/**
 * @returns `undefined` if the words asked for help or version, which has been printed
 * @throws {NetTcpError} `Usage`
 */
export async function readOptions(argv: readonly string[]): Promise<ServiceOptions | undefined> {
  const values = await readArguments(argv, COMMAND);
  if (values === undefined) return undefined;
  const { json, salt, portSharing, replicas } = values;
  const port = checkInteger('--port', values.port, 0, 65_535);
  if (salt !== undefined) checkInteger('--salt', salt, 0, MAX_SALT);
  const bind = unbracketed(values.bind);
  return { json, salt, port, bind, portSharing, replicas, ...serviceSecurity(values) };
}
