import { isLoopback, parseAddress } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import { quoted } from '../../printable.ts';

/** Where a registry is, and under which prefix of its keys a fleet is kept. */
export interface RegistryAddress {
  /** Members of the etcd cluster, at least one: each can answer. */
  readonly members: readonly { readonly host: string; readonly port: number }[];
  /** Whether it is spoken to through TLS. */
  readonly isSecured: boolean;
  /** Of keys: begins with a slash, and ends without one. */
  readonly prefix: string;
}

const DEFAULT_PREFIX = '/net-tcp-port-sharing';
const FORM = /^(etcds?):\/\/([^/?#@]+)(\/[\w./-]*)?$/;

/**
 * Reads the address of a registry: `etcd://HOST:PORT`, `etcds://` for TLS; several members with commas, and a
 * prefix of the keys behind it.
 *
 * @throws {NetTcpError} `Usage`
 */
export function parseRegistry(text: string): RegistryAddress {
  const [, scheme, hosts = '', path = ''] = FORM.exec(text) ?? [];
  if (scheme === undefined) throw malformed(text);
  const prefix = path.replaceAll(/\/+/g, '/').replace(/\/$/, '');
  return {
    members: hosts.split(',').map((member) => placeOf(member) ?? refuse(text)),
    isSecured: scheme === 'etcds',
    prefix: prefix === '' ? DEFAULT_PREFIX : prefix,
  };
}

/** Whether a password may go there: through TLS, or not beyond this machine. */
export function isPrivate({ isSecured, members }: RegistryAddress): boolean {
  return isSecured || members.every(({ host }) => host === 'localhost' || isLoopback(host));
}

/** Host and port of `HOST:PORT`, IPv6 in brackets; `undefined` if it is neither. */
export function placeOf(
  text: string,
): { readonly host: string; readonly port: number } | undefined {
  if (!/^(?:\[[^\]]+\]|[^:/?#]+):\d{1,5}$/.test(text)) return undefined;
  try {
    const { host, port } = parseAddress(`net.tcp://${text}/`);
    return port === 0 ? undefined : { host, port };
  } catch {
    return undefined;
  }
}

function refuse(text: string): never {
  throw malformed(text);
}

function malformed(text: string): NetTcpError {
  const form = 'write --registry etcd://HOST:2379, or etcds://HOST:2379 for TLS';
  return new NetTcpError('Usage', `${quoted(text)} is not the address of a registry: ${form}.`);
}
