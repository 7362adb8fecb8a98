import { existsSync, readFileSync } from 'node:fs';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const INTERVAL_MS = 25;

/** Counts the TCP connections that clients on this machine make to a port. */
interface ConnectionCount {
  /** @returns how many there were; `undefined` where the kernel does not say */
  stop(): number | undefined;
}

/**
 * Looks again and again from now on: the kernel keeps a connection that has ended in its table for a minute, so none
 * is missed.
 */
export function countConnections(port: number): ConnectionCount {
  const tables = TABLES.filter((table) => existsSync(table));
  const clients = new Set<string>();
  const look = (): void => {
    for (const table of tables) {
      for (const client of clientsOf(readFileSync(table, 'utf8'), port)) clients.add(client);
    }
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return tables.length === 0 ? undefined : clients.size;
    },
  };
}

/** Ports from which there are connections to `port`, from the client's side. */
function clientsOf(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = table.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) /gm);
  return [...rows].filter(([, , remote]) => remote === wanted).map(([, local = '']) => local);
}
