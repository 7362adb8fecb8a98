import { readFileSync } from 'node:fs';

const LISTENING = '0A';

/**
 * User ids of the listeners on a TCP port of this machine, in this process's network namespace.
 *
 * @returns none where nobody listens, or where there is no `/proc/net/tcp` (outside Linux)
 */
export function ownersOfPort(
  port: number,
  tables: readonly string[] = ['/proc/net/tcp', '/proc/net/tcp6'],
): readonly number[] {
  const owners = new Set<number>();
  for (const table of tables) {
    for (const line of textOf(table).split('\n').slice(1)) {
      // number, local address:port, remote, state, queues, timer, retransmissions, user id
      const [, local = '', , state, , , , uid] = line.trim().split(/\s+/);
      if (state !== LISTENING || Number.parseInt(local.split(':').at(-1) ?? '', 16) !== port)
        continue;
      owners.add(Number(uid));
    }
  }
  return [...owners];
}

/** Says who has a port that is in use, and what to do about it: the end of a message. */
export function adviceOnPort(port: number, own = process.getuid?.()): string {
  const others = ownersOfPort(port).filter((uid) => uid !== own);
  if (others.length === 0) {
    return 'The port belongs to a program that does not share it, or to a port-sharing daemon of another directory (NET_TCP_PORT_SHARING_DIR): end that program, or choose another port.';
  }
  if (others.every((uid) => uid === 0)) {
    return 'The port belongs to root: to a program, or to systemd, which opens the sockets of a system unit. In that case give this service the daemon of the unit, with its User= and NET_TCP_PORT_SHARING_DIR; else end that program, or choose another port.';
  }
  const users = others.map((uid) => `user ${uid}`).join(' and ');
  return `The port belongs to ${users}, and this is user ${own ?? '?'}. A daemon is shared by one user: have that user add a route to this service (net-tcp-port-sharing route add PATH HOST:PORT), run both as one account, or choose another port.`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
