import path from 'node:path';
import { checkInteger, warn } from '../../command-line/command.ts';
import { NetTcpError } from '../../errors.ts';
import { configurationText, type FrontOptions } from '../../fleet/front/configuration.ts';
import { Front } from '../../fleet/front/front.ts';
import { follow } from '../../fleet/registry/follow.ts';
import { Registry } from '../../fleet/registry/registry.ts';
import { jsonLine, printable, quoted } from '../../printable.ts';
import { fired } from '../../time.ts';
import { type FleetContext, type RegistryArguments, registryAccess } from './registry-options.ts';

interface FrontArguments extends RegistryArguments {
  readonly haproxy?: string | undefined;
  readonly directory?: string | undefined;
  readonly listen?: string | undefined;
  readonly pools: number;
  readonly proxyProtocol: boolean;
  readonly printConfig?: boolean | undefined;
}

const MAX_POOLS = 10_000;
/** What stands in the configuration without escapes. */
const PLAIN_PATH = /^[\w./@+-]+$/;
const PLAIN_PLACE = /^(?:[\w.*-]*|\[[\da-f:.]*\]):\d{1,5}$/i;

/**
 * `net-tcp-port-sharing front --registry etcd://… --haproxy SOCKET --directory DIR`: keeps the HAProxy of this
 * machine as the fleet is, until stopped; with `--print-config` prints the configuration that HAProxy needs.
 *
 * @returns exit status
 */
export async function front(
  { terminal, stop, json }: FleetContext,
  args: FrontArguments,
): Promise<number> {
  const options = frontOptions(args);
  if (args.printConfig === true) {
    if (json) terminal.out(jsonLine({ configuration: configurationText(options) }));
    else terminal.write(configurationText(options));
    return 0;
  }
  const access = await registryAccess(args);
  const running = new Front(options, {
    onApplied({ machines, paths }) {
      if (json) terminal.out(jsonLine({ event: 'applied', machines, paths }));
      else terminal.out(`Machines: ${machines}; paths: ${paths}.`);
    },
    onRemoved(machines) {
      const names = machines.join(', ');
      if (json) terminal.out(jsonLine({ event: 'removed', machines }));
      else
        terminal.out(
          `Removed, because the registry does not have it and its check fails: ${printable(names)}.`,
        );
    },
    onAllDown() {
      const trust = options.isProxied ? ', and do their daemons trust it (run --trust-proxy)' : '';
      const text = `The health checks of all machines fail, and nobody gets through: does this front reach them${trust}?`;
      warn(text, terminal, json);
    },
    onLost({ message }) {
      warn(`${message} This is tried again.`, terminal, json);
    },
    onUnpooled(paths) {
      if (paths === 0) return;
      const text = `${paths} paths are on several machines, and only one gets their connections: start HAProxy and this command with more --pools.`;
      warn(text, terminal, json);
    },
  });
  const registry = new Registry(access);
  const end = new AbortController();
  const either = AbortSignal.any([stop, end.signal]);
  const { fleet } = running;
  const following = follow(
    registry,
    {
      onSnapshot: (values) => fleet.onSnapshot(values),
      onChanges: (changes) => fleet.onChanges(changes),
      onLost({ message }) {
        const what = fleet.isKnown ? 'What is known stays in use' : 'No machine is known yet';
        warn(`${message} ${what}; this is tried again.`, terminal, json);
      },
      onFound() {
        if (json) terminal.out(jsonLine({ event: 'registry', at: registry.member }));
        else terminal.out(`The registry at ${registry.member} can be reached again.`);
      },
    },
    either,
  );
  const feeding = running.run(either);
  try {
    await Promise.race([following, fired(stop)]);
  } finally {
    end.abort();
    await feeding;
    registry.close();
  }
  return 0;
}

/** @throws {NetTcpError} `Usage` */
function frontOptions(args: FrontArguments): FrontOptions {
  const { haproxy, directory, listen = '0.0.0.0:9000', pools, proxyProtocol } = args;
  if (haproxy === undefined || directory === undefined) {
    const text =
      'Say where HAProxy is: --haproxy with its admin socket, and --directory for the map and the servers that it starts with.';
    throw new NetTcpError('Usage', text);
  }
  const [socket, folder] = [path.resolve(haproxy), path.resolve(directory)];
  for (const each of [socket, folder]) {
    if (PLAIN_PATH.test(each)) continue;
    throw new NetTcpError('Usage', `HAProxy's configuration cannot name ${quoted(each)}.`);
  }
  if (!PLAIN_PLACE.test(listen)) {
    const text = `${quoted(listen)} is not a place to listen at: write --listen 0.0.0.0:9000.`;
    throw new NetTcpError('Usage', text);
  }
  return {
    socket,
    map: path.join(folder, 'fleet.map'),
    listen,
    pools: checkInteger('--pools', pools, 1, MAX_POOLS),
    isProxied: proxyProtocol,
  };
}
