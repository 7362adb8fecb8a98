import { hostname } from 'node:os';
import { isLoopback, makeAddress, unbracketed } from '../shared/address.ts';
import {
  checkWhole,
  COMMON_OPTIONS,
  commandLine,
  exitStatuses,
  remark,
  runCommand,
} from '../shared/command-line/command.ts';
import { ICalculator } from '../shared/contract/calculator.ts';
import { NetTcpError } from '../shared/errors.ts';
import { NetTcpBinding } from '../shared/net-tcp-binding.ts';
import { limitsFromEnvironment } from '../shared/port-sharing/machine/limits-variable.ts';
import { registrationHosts } from '../shared/port-sharing/machine/hosts.ts';
import { ServiceHost } from '../shared/rpc/service/service-host.ts';
import { plainArguments } from '../shared/command-line/plain-arguments.ts';
import type { Terminal } from '../shared/command-line/terminal.ts';
import { calculator } from './calculator.ts';

const MAX_NUMBER = 65_535;
// Drawn numbers that were taken, one after the other: then the port is all but full.
const MAX_DRAWS = 100;
const ANY = new Set(['0.0.0.0', '::', '*']);

export const OPTIONS = {
  ...COMMON_OPTIONS,
  salt: { type: 'number', describe: 'number to use; the default is a random one' },
  port: { type: 'number', default: 9000, describe: 'TCP port; 0 takes a free one' },
  bind: {
    type: 'string',
    default: 'localhost',
    describe: 'address or name of this machine to be reached at; 0.0.0.0 or :: for all',
  },
  'port-sharing': {
    type: 'boolean',
    default: true,
    describe: 'share the port; --no-port-sharing: have it alone',
  },
} as const;

type Options = Awaited<ReturnType<typeof parse>>;

/** Reads any command line, with yargs. */
export async function parse(argv: readonly string[]) {
  return await (
    await commandLine('calculator-service', argv, OPTIONS)
  )
    .usage(
      '$0 [options]\n\nOffers the calculator at net.tcp://localhost:9000/calculator/<number>, on a port that any number of services share. Press ENTER to stop it.',
    )
    .options(OPTIONS)
    .example('$0', 'one of many services on port 9000')
    .example('$0 --salt 4381 --bind 0.0.0.0', 'a fixed number, for other machines, too')
    .example('$0 --port 0 --json', 'a free port, and where it is, for a script')
    .epilogue(exitStatuses())
    .parseAsync();
}

/** Offers the calculator until `stop` fires. Results go to `out`, the rest to `err`. @returns exit status */
export function run(
  argv: readonly string[],
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  return runCommand(argv, terminal, async () => {
    const plain = plainArguments(argv, OPTIONS, false) as Options | undefined;
    const options = plain ?? (await parse(argv));
    if (options['help'] === true || options['version'] === true) return 0;
    const { json, portSharing } = options;
    const bind = unbracketed(options.bind);
    // A daemon that is to be started could complain in its log only.
    if (portSharing) limitsFromEnvironment();
    const port = checkWhole('--port', options.port, 0, 65_535);
    if (options.salt !== undefined) checkWhole('--salt', options.salt, 0, MAX_NUMBER);
    const binding = new NetTcpBinding({
      portSharing,
      bind,
      onNotice: (text) => remark(text, terminal, json),
    });
    const { host, number } = await openAt(binding, bind, port, options.salt);

    const [address = ''] = host.addresses;
    if (json) {
      terminal.out(JSON.stringify({ event: 'listening', number, address, pid: process.pid }));
    } else {
      const { paint } = terminal;
      terminal.out(`Service #${paint.bold(number)} listening on ${paint.cyan(address)}.`);
      terminal.out('Press <ENTER> to terminate service.');
    }
    if (!(await registrationHosts(bind)).every(isLoopback)) warnOfExposure(bind, address, json);

    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      else stop.addEventListener('abort', () => resolve());
    });
    await host.close();
    if (json) terminal.out(JSON.stringify({ event: 'stopped', number, address, pid: process.pid }));
    return 0;
  });

  function warnOfExposure(bind: string, address: string, isJson: boolean): void {
    const where = ANY.has(bind) ? 'any address of this machine' : bind;
    const text = `Every machine that reaches ${where} can now call ${address}; there is no authentication.`;
    remark(text, terminal, isJson);
  }
}

/** Opens the service under its number, or under a random one that nobody has. */
async function openAt(
  binding: NetTcpBinding,
  bind: string,
  port: number,
  salt: number | undefined,
): Promise<{ readonly host: ServiceHost; readonly number: number }> {
  const shownHost = ANY.has(bind) ? hostname() : bind;
  for (let draw = 1; ; draw++) {
    const number = salt ?? Math.floor(Math.random() * (MAX_NUMBER + 1));
    const { uri } = makeAddress(shownHost, port, ['calculator', String(number)]);
    const host = new ServiceHost(binding).addEndpoint(ICalculator, calculator, uri);
    try {
      await host.open();
      return { host, number };
    } catch (error) {
      const isTaken = error instanceof NetTcpError && error.reason === 'already-registered';
      if (!isTaken || salt !== undefined || draw === MAX_DRAWS) throw error;
    }
  }
}
