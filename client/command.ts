import {
  type EndpointAddress,
  makeAddress,
  parseAddressToCall,
  unbracketed,
} from '../shared/address.ts';
import {
  checkWhole,
  COMMON_OPTIONS,
  commandLine,
  exitStatuses,
  runCommand,
} from '../shared/command-line/command.ts';
import { ICalculator } from '../shared/contract/calculator.ts';
import { NetTcpError } from '../shared/errors.ts';
import { NetTcpBinding } from '../shared/net-tcp-binding.ts';
import { formatDouble, jsonDouble, parseDouble } from '../shared/command-line/number-format.ts';
import { ChannelFactory, type Proxy } from '../shared/rpc/client/channel-factory.ts';
import { plainArguments } from '../shared/command-line/plain-arguments.ts';
import { printable, quoted, QUOTED_CHARS } from '../shared/printable.ts';
import type { Terminal } from '../shared/command-line/terminal.ts';
import type { Input } from './input.ts';

const OPERATIONS = ['Add', 'Subtract', 'Multiply', 'Divide'] as const;
type Call = readonly [operation: (typeof OPERATIONS)[number], n1: number, n2: number];

/** What the sample's client calls. */
const SAMPLE: readonly Call[] = [
  ['Add', 100, 15.99],
  ['Subtract', 145, 76.54],
  ['Multiply', 9, 81.25],
  ['Divide', 22, 7],
];

const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 9_000;
const MAX_TIMEOUT_S = 2_000_000; // a timer of Node takes no more than 2^31 ms

export const OPTIONS = {
  ...COMMON_OPTIONS,
  // No defaults: whether they are given matters beside --address.
  host: { type: 'string', describe: `the service's machine; the default is ${DEFAULT_HOST}` },
  port: { type: 'number', describe: `the service's TCP port; the default is ${DEFAULT_PORT}` },
  address: { type: 'string', describe: 'whole address, instead of host, port, number' },
  encoding: {
    choices: ['msgpack', 'soap'],
    default: 'msgpack',
    describe: 'what to speak; soap to a service of WCF',
  },
  timeout: {
    type: 'number',
    default: 60,
    describe: 'seconds for a call, connecting included',
  },
} as const;

type Options = Awaited<ReturnType<typeof parse>>;

/** Reads any command line, with yargs. */
export async function parse(argv: readonly string[]) {
  return await (
    await commandLine('calculator-client', argv, OPTIONS, true)
  )
    .usage(
      '$0 [number] [operation n1 n2]\n\nCalls a calculator service: all four operations, as the sample does, or the one that is named. Without a number it asks for one.',
    )
    .options(OPTIONS)
    .example('$0 4381', 'all four operations of service #4381')
    .example('$0 4381 divide 22 7', 'one call')
    .example('$0 4381 divide -1 1e-5', 'numbers are written as in JavaScript')
    .example('$0 --host 192.0.2.7 4381', 'a service on another machine')
    .epilogue(exitStatuses())
    // Numbers stay text until they are read as doubles: "-0" must not become 0.
    .parserConfiguration({ 'parse-positional-numbers': false })
    .strict(false)
    .strictOptions()
    .parseAsync();
}

/** Calls a calculator service. @returns exit status */
export function run(argv: readonly string[], terminal: Terminal, input: Input): Promise<number> {
  return runCommand(argv, terminal, async () => {
    const plain = plainArguments(argv, OPTIONS, true) as Options | undefined;
    const options = plain ?? (await parse(argv));
    if (options['help'] === true || options['version'] === true) return 0;
    const { json, timeout } = options;
    if (!(timeout > 0 && timeout <= MAX_TIMEOUT_S)) {
      const text = `--timeout must be a number of seconds over 0 and at most ${MAX_TIMEOUT_S}.`;
      throw new NetTcpError('Usage', text);
    }
    const words = options._.map(String);
    const whole = readWholeAddress(options, words);
    const host = readHost(options.host ?? DEFAULT_HOST);
    const port = checkWhole('--port', options.port ?? DEFAULT_PORT, 1, 65_535);
    const [numberWord, ...callWords] = whole === undefined ? words : ['', ...words];
    const call = readCall(callWords);
    const isPrompting = numberWord === undefined;
    try {
      const number = numberWord ?? (await askForNumber(terminal, input));
      const address = whole ?? makeAddress(host, port, ['calculator', String(readNumber(number))]);
      const timeoutMs = Math.ceil(timeout * 1_000);
      const binding = new NetTcpBinding({
        encoding: options.encoding,
        limits: { openTimeoutMs: timeoutMs, sendTimeoutMs: timeoutMs, closeTimeoutMs: timeoutMs },
      });
      await callAll(address.uri, binding, call === undefined ? SAMPLE : [call], json, terminal);
      if (isPrompting && !json) {
        terminal.out('');
        terminal.out('Press <ENTER> to terminate client.');
        await input.line();
      }
      return 0;
    } finally {
      input.close();
    }
  });
}

async function callAll(
  address: string,
  binding: NetTcpBinding,
  calls: readonly Call[],
  isJson: boolean,
  terminal: Terminal,
): Promise<void> {
  const factory = new ChannelFactory(ICalculator, binding);
  const proxy = factory.createChannel(address);
  try {
    for (const call of calls) show(call, await callOne(proxy, call, address), isJson, terminal);
    await proxy.close();
  } finally {
    proxy.abort();
    factory.close();
  }
}

async function callOne(
  proxy: Proxy<ICalculator>,
  [operation, n1, n2]: Call,
  address: string,
): Promise<number> {
  try {
    return await proxy[operation](n1, n2);
  } catch (caught) {
    const error = NetTcpError.from(caught);
    const { code, reason, message } = error;
    if (code === 'EndpointNotFound' && reason === undefined) {
      throw new NetTcpError(
        code,
        `${message} Check the number; on the service's machine, "net-tcp-port-sharing status" shows who listens.`,
        { cause: error },
      );
    }
    // Every sentence says which address it is about.
    if (message.includes(address)) throw error;
    throw new NetTcpError(code, `${address}: ${message}`, { cause: error, reason });
  }
}

function show([operation, n1, n2]: Call, result: number, isJson: boolean, to: Terminal): void {
  if (isJson) {
    const args = [jsonDouble(n1), jsonDouble(n2)];
    to.out(JSON.stringify({ operation, arguments: args, result: jsonDouble(result) }));
  } else {
    const shown = to.paint.bold(formatDouble(result));
    to.out(`${operation}(${formatDouble(n1)},${formatDouble(n2)}) = ${shown}`);
  }
}

/** Asks until a number comes; only once when nobody is there to be asked again. */
async function askForNumber(terminal: Terminal, input: Input): Promise<string> {
  for (;;) {
    terminal.write('Enter the service number to test: ');
    const line = await input.line();
    if (line === undefined) {
      terminal.out('');
      throw new NetTcpError('Usage', 'No service number was entered.');
    }
    // A terminal shows what is typed; in a pipe the transcript needs it, too.
    if (!input.isTerminal) terminal.out(line);
    else if (!input.hasLineEnd()) terminal.out('');
    try {
      readNumber(line);
      return line;
    } catch (error) {
      if (!input.isTerminal) throw error;
      terminal.err(NetTcpError.from(error).message);
    }
  }
}

/** The endpoint that `--address` names; it takes the place of everything else that says where. */
function readWholeAddress(
  { address, host, port }: Options,
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

function readNumber(text: string): number {
  const trimmed = text.trim();
  const number = /^\d{1,5}$/.test(trimmed) ? Number(trimmed) : NaN;
  if (number <= 65_535) return number;
  throw new NetTcpError(
    'Usage',
    `${quoted(trimmed)} is not a service number: it is a whole number from 0 to 65535.`,
  );
}

function readCall(words: readonly string[]): Call | undefined {
  if (words.length === 0) return undefined;
  const [name = '', ...operands] = words;
  const operation = OPERATIONS.find((known) => known.toLowerCase() === name.toLowerCase());
  if (operation === undefined) {
    const text = `${quoted(name)} is not an operation: there are add, subtract, multiply and divide.`;
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
