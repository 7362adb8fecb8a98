import { hostname } from 'node:os';
import { isLoopback } from '../../address.ts';
import { warn } from '../../command-line/command.ts';
import { NetTcpError } from '../../errors.ts';
import { Publisher, type PublisherEvents } from '../../fleet/publish/publisher.ts';
import { isPlace } from '../../fleet/registry/machine.ts';
import { Registry } from '../../fleet/registry/registry.ts';
import { placeOf } from '../../fleet/registry/registry-address.ts';
import { ANY_IPV4, ANY_IPV6 } from '../../port-sharing/machine/hosts.ts';
import { expand } from '../../port-sharing/machine/local-addresses.ts';
import type { DaemonStatus } from '../../port-sharing/handshake/status.ts';
import { jsonLine, printable, quoted, type Received } from '../../printable.ts';
import { type FleetContext, type RegistryArguments, registryAccess } from './registry-options.ts';

interface PublishArguments extends RegistryArguments {
  readonly at?: string | undefined;
}

/**
 * `net-tcp-port-sharing publish --registry etcd://… --at HOST:PORT`: keeps what this machine's daemon serves in a
 * registry, until stopped.
 *
 * @param askStatus what the daemon says; `undefined` if none runs
 * @returns exit status
 */
export async function publish(
  { terminal, stop, json }: FleetContext,
  options: PublishArguments,
  askStatus: () => Promise<Received<DaemonStatus> | undefined>,
): Promise<number> {
  const { at } = options;
  const place = at === undefined || !isPlace(at) ? undefined : placeOf(at);
  if (at === undefined || place === undefined) {
    const what = at === undefined ? 'Say' : `${quoted(at)} is not an IP address with a port: say`;
    throw new NetTcpError('Usage', `${what} where fronts reach this machine: --at 10.0.0.11:9000.`);
  }
  if (isLoopback(place.host)) {
    const text = `No other machine reaches this one at ${at}: give the address that fronts connect to.`;
    throw new NetTcpError('Usage', text);
  }
  const isOwn = expand([ANY_IPV4, ANY_IPV6]).includes(place.host);
  const registry = new Registry(await registryAccess(options));
  if (!isOwn) {
    const text = `${place.host} is no address of this machine: right if a device before it passes connections on, else every path of this machine leads to another.`;
    warn(text, terminal, json);
  }
  const by = `${hostname()}, process ${process.pid}`;
  const events: PublisherEvents = {
    onPublished(count, state) {
      if (json) terminal.out(jsonLine({ event: 'published', at, state, endpoints: count }));
      else if (state === 'leaving') terminal.out(`${at} leaves.`);
      else terminal.out(`${at}: ${count} ${count === 1 ? 'endpoint' : 'endpoints'} published.`);
    },
    onUnreached(count) {
      if (json) return terminal.out(jsonLine({ event: 'unreached', at, endpoints: count }));
      if (count === 0) return;
      const what = count === 1 ? '1 endpoint is' : `${count} endpoints are`;
      const why = `fronts do not reach ${count === 1 ? 'it' : 'them'} at ${at}`;
      terminal.out(`${what} not published, as ${why}: another port, or loopback alone (--bind).`);
    },
    onDisplaced(other) {
      const who = other === undefined ? 'Another publish' : `Another publish (${printable(other)})`;
      const text = `${who} has taken over ${at}: this one writes nothing until that one has gone. Two machines with one --at are one to fronts.`;
      warn(text, terminal, json);
    },
    onLost({ message }) {
      warn(`${message} What it has stays there; this is tried again.`, terminal, json);
    },
    onFound() {
      if (json) terminal.out(jsonLine({ event: 'registry', at: registry.member }));
      else terminal.out(`The registry at ${registry.member} can be reached again.`);
    },
  };
  const publisher = new Publisher(registry, { ...place, isOwn }, askStatus, events, by);
  try {
    await publisher.run(stop);
  } finally {
    registry.close();
  }
  return 0;
}
