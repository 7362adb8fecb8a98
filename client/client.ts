import { isLoopback, parseAddress } from '../shared/address.ts';
import { runCommand, warn } from '../shared/command-line/command.ts';
import type { Input } from '../shared/command-line/input.ts';
import { withPassword } from '../shared/command-line/secret.ts';
import { formatDouble, jsonDouble } from '../shared/command-line/number-format.ts';
import type { Terminal } from '../shared/command-line/terminal.ts';
import { ICalculator } from '../shared/contract/calculator.ts';
import { NetTcpError } from '../shared/errors.ts';
import { NetTcpBinding } from '../shared/net-tcp-binding.ts';
import { jsonLine } from '../shared/printable.ts';
import { ChannelFactory } from '../shared/rpc/client/channel-factory.ts';
import { toolCommand } from '../shared/own-package.ts';
import { type Call, readOptions, readSalt } from './options.ts';

const SAMPLE: readonly Call[] = [
  ['Add', 100, 15.99],
  ['Subtract', 145, 76.54],
  ['Multiply', 9, 81.25],
  ['Divide', 22, 7],
];

/** The sample's client: asks for the number of a service and calls its operations. @returns exit status */
export function run(argv: readonly string[], terminal: Terminal, input: Input): Promise<number> {
  return runCommand(argv, terminal, async () => {
    const options = await readOptions(argv);
    if (options === undefined) return 0;
    const { json, encoding, timeoutMs, security } = options;
    const calls = options.call === undefined ? SAMPLE : [options.call];
    try {
      const credentials = await withPassword(options, input);
      const salt = options.salt ?? (await askForSalt(terminal, input));
      const address = options.addressOf(salt);
      const binding = new NetTcpBinding({
        ...(encoding && { encoding }),
        ...(security && { security }),
        onNotice: (text) => warn(text, terminal, json),
        limits: { openTimeoutMs: timeoutMs, sendTimeoutMs: timeoutMs, closeTimeoutMs: timeoutMs },
      });
      const factory = new ChannelFactory(ICalculator, binding, { credentials });
      const proxy = factory.createChannel(address, { via: options.via });
      try {
        for (const [operation, value1, value2] of calls) {
          const result = await proxy[operation](value1, value2);
          show([operation, value1, value2], result, json, terminal);
        }
        await proxy.close();
      } catch (error) {
        throw explain(NetTcpError.from(error), options.via ?? address);
      } finally {
        proxy.abort();
        factory.close();
      }

      if (options.salt === undefined && !json) {
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

/** Asks until a number is entered; only once if the input is no terminal. */
async function askForSalt(terminal: Terminal, input: Input): Promise<number> {
  for (;;) {
    terminal.write('Enter the service number to test: ');
    const line = await input.line();
    if (line === undefined) {
      terminal.out('');
      throw new NetTcpError('Usage', 'No service number was entered.');
    }
    // A terminal shows what is typed; with a pipe, the transcript needs it, too.
    if (!input.isTerminal) terminal.out(line);
    else if (!input.hasLineEnd()) terminal.out('');
    try {
      return readSalt(line);
    } catch (error) {
      if (!input.isTerminal) throw error;
      terminal.err(NetTcpError.from(error).message);
    }
  }
}

function show([operation, n1, n2]: Call, result: number, isJson: boolean, to: Terminal): void {
  if (isJson) {
    const args = [jsonDouble(n1), jsonDouble(n2)];
    to.out(jsonLine({ operation, arguments: args, result: jsonDouble(result) }));
  } else {
    const shown = to.paint.bold(formatDouble(result));
    to.out(`${operation}(${formatDouble(n1)},${formatDouble(n2)}) = ${shown}`);
  }
}

/** Adds to an error what helps at a command line: the address, and where to look. */
function explain(error: NetTcpError, address: string): NetTcpError {
  const { code, reason } = error;
  const isAbsent = code === 'EndpointNotFound' && reason === undefined;
  const isRefused = reason === 'connection-refused';
  const advice: string[] = [];
  if (isAbsent) {
    const command = toolCommand('status');
    advice.push(`Check the number; on the service's machine, "${command}" shows who listens.`);
  }
  if ((isAbsent || isRefused) && !isOwnHost(parseAddress(address).host)) {
    advice.push('A service that was started without --bind is reached from its own machine only.');
  }
  if (reason === 'security-mismatch') {
    advice.push('The client needs the --security of the service: tls, windows, username or none.');
  }
  const message = [error.message, ...advice].join(' ');
  // Every error names the address.
  const text = message.includes(address) ? message : `${address}: ${message}`;
  return text === error.message ? error : new NetTcpError(code, text, { cause: error, reason });
}

/** Whether a host is localhost or a loopback address, where every service can be reached. */
function isOwnHost(host: string): boolean {
  return host.toLowerCase() === 'localhost' || isLoopback(host);
}
