import { makeAddress, parseAddress } from '../shared/address.ts';
import { runCommand, warn } from '../shared/command-line/command.ts';
import { checkNamed, refusalsTo, whoMayCall } from '../shared/command-line/security.ts';
import type { Terminal } from '../shared/command-line/terminal.ts';
import { ICalculator } from '../shared/contract/calculator.ts';
import { NetTcpError } from '../shared/errors.ts';
import { NetTcpBinding } from '../shared/net-tcp-binding.ts';
import { jsonLine } from '../shared/printable.ts';
import { ServiceHost } from '../shared/rpc/service/service-host.ts';
import { calculator } from './calculator.ts';
import { MAX_SALT, readOptions, type ServiceOptions } from './options.ts';

// If so many random numbers in a row are taken, the port is almost full.
const MAX_DRAWS = 100;

/** The sample's service: offers the calculator until `stop` fires. @returns exit status */
export function run(
  argv: readonly string[],
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  return runCommand(argv, terminal, async () => {
    const options = await readOptions(argv);
    if (options === undefined) return 0;
    const { json, portSharing, replicas, bind, security } = options;

    // A binding with TCP port sharing enabled, unless --no-port-sharing was given.
    const onNotice = (text: string): void => warn(text, terminal, json);
    const binding = new NetTcpBinding({
      portSharing,
      replicas,
      bind,
      onNotice,
      ...(security && { security }),
    });
    const { names, isExposed } = await binding.reach();
    checkNamed(isExposed, security);
    const onConnectionError = refusalsTo(onNotice, binding.limits);
    const opened = await openHost(binding, names[0] ?? bind, options, { onConnectionError, stop });
    if (opened === undefined) return 0;
    const { host, salt } = opened;

    const [address = ''] = host.addresses;
    const { port, segments } = parseAddress(address);
    const addresses = names.map((name) => makeAddress(name, port, segments).uri);
    if (json) {
      const event = { event: 'listening', number: salt, address, addresses, pid: process.pid };
      terminal.out(jsonLine(event));
    } else {
      const { paint } = terminal;
      const shown = addresses.map((each) => paint.cyan(each)).join(' and ');
      terminal.out(`Service #${paint.bold(salt)} listening on ${shown}.`);
      terminal.out('Press <ENTER> to terminate service.');
    }
    const warning = whoMayCall(options, isExposed ? names : []);
    if (warning !== undefined) warn(warning, terminal, json);

    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      else stop.addEventListener('abort', () => resolve());
    });
    await host.close();
    if (json) {
      terminal.out(jsonLine({ event: 'stopped', number: salt, address, pid: process.pid }));
    }
    return 0;
  });
}

/**
 * Starts a service under the chosen number, or under a random one that nobody has.
 *
 * @returns `undefined` if it was stopped before it could listen
 */
async function openHost(
  binding: NetTcpBinding,
  hostName: string,
  { salt: chosen, port, credentials, allow }: ServiceOptions,
  { onConnectionError, stop }: { onConnectionError: (error: Error) => void; stop: AbortSignal },
): Promise<{ readonly host: ServiceHost; readonly salt: number } | undefined> {
  for (let draw = 1; ; draw++) {
    const salt = chosen ?? Math.floor(Math.random() * (MAX_SALT + 1));
    const { uri: address } = makeAddress(hostName, port, ['calculator', String(salt)]);
    const told = { credentials, onConnectionError };
    const host = new ServiceHost(binding, { ...told, ...(allow && { allow }) });
    host.addEndpoint(ICalculator, calculator, address);
    // ENTER ends a service that listens: one that was pressed, or piped in, before that waits for it.
    const isGivenUp = (): boolean => stop.aborted && stop.reason !== 'ENTER';
    const giveUp = (): void => {
      if (isGivenUp()) host.abort();
    };
    stop.addEventListener('abort', giveUp);
    try {
      await host.open();
      return { host, salt };
    } catch (error) {
      if (isGivenUp()) return undefined;
      const isTaken = error instanceof NetTcpError && error.reason === 'already-registered';
      if (!isTaken || chosen !== undefined || draw === MAX_DRAWS) throw error;
    } finally {
      stop.removeEventListener('abort', giveUp);
    }
  }
}
