// The command line of the client: `calculator-client [number] [operation n1 n2]`.
import {
  type EndpointAddress,
  makeAddress,
  parseAddressToCall,
  unbracketed,
} from '../shared/address.ts';
import {
  checkInteger,
  COMMON_OPTIONS,
  readArguments,
  type Values,
} from '../shared/command-line/command.ts';
import { type ClientSecurity, clientSecurity } from '../shared/command-line/security.ts';
import { CLIENT_SECURITY } from '../shared/command-line/security-options.ts';
import { parseDouble } from '../shared/command-line/number-format.ts';
import { NetTcpError } from '../shared/errors.ts';
import { printable, quoted, QUOTED_CHARS } from '../shared/printable.ts';

const OPERATIONS = ['Add', 'Subtract', 'Multiply', 'Divide'] as const;

/** An operation of the calculator and the two numbers that it is called with. */
export type Call = readonly [operation: (typeof OPERATIONS)[number], n1: number, n2: number];

const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 9_000;
const MAX_TIMEOUT_S = 2_000_000; // a timer of Node takes no more than 2^31 ms

const OPTIONS = {
  ...COMMON_OPTIONS,
  // No defaults: with --address it matters whether they are given.
  host: { type: 'string', describe: `the service's machine; the default is ${DEFAULT_HOST}` },
  port: { type: 'number', describe: `the service's TCP port; the default is ${DEFAULT_PORT}` },
  address: { type: 'string', describe: 'the whole address, instead of host, port and number' },
  via: {
    type: 'string',
    describe: "address to connect to if it differs from the service's: a port mapping, a tunnel",
  },
  encoding: {
    choices: ['msgpack', 'soap'],
    describe: 'encoding: msgpack, or soap for a WCF service and with user names',
  },
  timeout: {
    type: 'number',
    default: 60,
    describe: 'seconds for a call, connecting included',
  },
  ...CLIENT_SECURITY,
} as const;

/** The client's command line, for `--help` and for both ways of reading it. */
export const COMMAND = {
  name: 'calculator-client',
  usage:
    '$0 [number] [operation n1 n2]\n\nCalls a calculator service: all four operations, as the sample does, or the one that is named. Without a number it asks for one.',
  examples: [
    ['$0 4381', 'all four operations of service #4381'],
    ['$0 4381 divide 22 7', 'one call'],
    ['$0 4381 divide -1 1e-5', 'numbers are written as in JavaScript'],
    ['$0 --host 192.0.2.7 4381', 'a service on another machine'],
  ],
  options: OPTIONS,
  takesWords: true,
} as const;

/** What the client is asked to do. */
export interface ClientOptions extends ClientSecurity {
  readonly json: boolean;
  /** `undefined`: the default for the security. */
  readonly encoding: 'msgpack' | 'soap' | undefined;
  /** For connecting and for each call; 1 to 2,000,000,000 ms. */
  readonly timeoutMs: number;
  /** The service's number; `undefined` if the client is to ask for it. */
  readonly salt: number | undefined;
  /** The one call to make; `undefined` for those of the sample. */
  readonly call: Call | undefined;
  /** Address to connect to in place of the service's own. */
  readonly via: string | undefined;
  /** Address of the service with that number; with --address that one, whatever the number. */
  addressOf(salt: number): string;
}

/**
 * @returns `undefined` if the words asked for help or version, which has been printed
 * @throws {NetTcpError} `Usage`
 */
export async function readOptions(argv: readonly string[]): Promise<ClientOptions | undefined> {
  const values = await readArguments(argv, COMMAND);
  if (values === undefined) return undefined;
  const { json, timeout } = values;
  if (!(timeout > 0 && timeout <= MAX_TIMEOUT_S)) {
    const text = `--timeout must be a number of seconds over 0 and at most ${MAX_TIMEOUT_S}.`;
    throw new NetTcpError('Usage', text);
  }
  const words = values._.map(String);
  const whole = readWholeAddress(values, words);
  const host = readHost(values.host ?? DEFAULT_HOST);
  const port = checkInteger('--port', values.port ?? DEFAULT_PORT, 1, 65_535);
  const [numberWord, ...callWords] = whole === undefined ? words : ['0', ...words];
  const call = readCall(callWords);
  return {
    json,
    ...clientSecurity(values),
    encoding: readEncoding(values.encoding),
    timeoutMs: Math.ceil(timeout * 1_000),
    salt: numberWord === undefined ? undefined : readSalt(numberWord),
    call,
    via: values.via === undefined ? undefined : parseAddressToCall(values.via).uri,
    addressOf: (salt) => (whole ?? makeAddress(host, port, ['calculator', String(salt)])).uri,
  };
}

/** The number of a service. @throws {NetTcpError} `Usage` if `text` is not a whole number from 0 to 65535 */
export function readSalt(text: string): number {
  const trimmed = text.trim();
  const number = /^\d{1,5}$/.test(trimmed) ? Number(trimmed) : NaN;
  if (number <= 65_535) return number;
  throw new NetTcpError(
    'Usage',
    `${quoted(trimmed)} is not a service number: it is a whole number from 0 to 65535.`,
  );
}

/** The endpoint that `--address` names, in place of host, port and number. */
function readWholeAddress(
  { address, host, port }: Values<typeof OPTIONS>,
  [word = '']: readonly string[],
): EndpointAddress | undefined {
  if (address === undefined) return undefined;
  if (host !== undefined || port !== undefined || /^\d+$/.test(word)) {
    const text = '--address says where the service is: leave out the number, --host and --port.';
    throw new NetTcpError('Usage', text);
  }
  return parseAddressToCall(address);
}

/** The value of `--host`; an IPv6 address may stand in brackets. */
function readHost(text: string): string {
  const host = unbracketed(text);
  const [, name, port] = /^([^:]+|\[.*\]):(\d+)$/.exec(text) ?? [];
  if (name !== undefined) {
    const said = `--host ${printable(name, QUOTED_CHARS)} --port ${port}`;
    throw new NetTcpError('Usage', `The port has an option of its own: ${said}`);
  }
  return parseAddressToCall(makeAddress(host, DEFAULT_PORT, []).uri).host;
}

function readEncoding(name: string | undefined): 'msgpack' | 'soap' | undefined {
  if (name === undefined) return undefined;
  return name === 'soap' ? 'soap' : 'msgpack';
}

function readCall(words: readonly string[]): Call | undefined {
  if (words.length === 0) return undefined;
  const [name = '', ...operands] = words;
  const operation = OPERATIONS.find((known) => known.toLowerCase() === name.toLowerCase());
  if (operation === undefined) {
    const text = `${quoted(name)} is not an operation: choose add, subtract, multiply or divide.`;
    throw new NetTcpError('Usage', text);
  }
  const [n1, n2] = operands.map(parseDouble);
  if (operands.length !== 2 || n1 === undefined || n2 === undefined) {
    const wrong = operands.find((operand) => parseDouble(operand) === undefined);
    const why = wrong === undefined ? '' : `${quoted(wrong)} is not a number. `;
    const text = `${why}${operation} takes two numbers, for example: ${name} 22 7`;
    throw new NetTcpError('Usage', text);
  }
  return [operation, n1, n2];
}
