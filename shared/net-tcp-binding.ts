import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { MessageEncoding } from './encoding/encoding.ts';
import { msgpack } from './encoding/msgpack/msgpack.ts';
import { NetTcpError } from './errors.ts';
import { type Limits, withLimits } from './limits.ts';
import type { Binding } from './rpc/binding.ts';
import type { Listener, ListenOptions } from './transport/listener.ts';

export interface NetTcpBindingOptions {
  /** Share the port with other services, through the port-sharing daemon. Default: false. */
  readonly portSharing?: boolean;
  /**
   * Where a service can be reached: an IP address of this machine, a host name that has one,
   * `0.0.0.0` for all IPv4 addresses, `::` for all addresses. Default: loopback, both families.
   */
  readonly bind?: string;
  /** What a client speaks; a service answers every encoding. Default: `msgpack`. */
  readonly encoding?: EncodingOption;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** Callers see what an implementation threw. For development only. Default: false. */
  readonly includeExceptionDetailInFaults?: boolean;
  /** Told what an operator of a sharing service wants to know. Default: a line on standard error. */
  readonly onNotice?: (text: string) => void;
}

export type EncodingOption = 'msgpack';

const ENCODINGS: Readonly<Record<EncodingOption, MessageEncoding>> = { msgpack };
const ANY = new Set(['0.0.0.0', '::', '*']);

/** The `net.tcp` binding: how services listen and clients speak. One object serves any number of hosts and factories. */
export class NetTcpBinding implements Binding {
  readonly portSharing: boolean;
  readonly bind: string | undefined;
  readonly limits: Limits;
  readonly encoding: MessageEncoding;
  readonly encodings: readonly MessageEncoding[] = Object.values(ENCODINGS);
  readonly includeExceptionDetailInFaults: boolean;
  readonly #onNotice: (text: string) => void;

  /** @throws {RangeError} for a limit that is none */
  constructor(options: NetTcpBindingOptions = {}) {
    this.portSharing = options.portSharing ?? false;
    this.bind = options.bind;
    this.limits = withLimits(options.limits);
    this.encoding = ENCODINGS[options.encoding ?? 'msgpack'];
    this.includeExceptionDetailInFaults = options.includeExceptionDetailInFaults ?? false;
    this.#onNotice = options.onNotice ?? ((text) => process.stderr.write(`${text}\n`));
  }

  async listen(options: Omit<ListenOptions, 'hosts' | 'limits'>): Promise<Listener> {
    const { limits } = this;
    // Loaded only by who listens: clients start without them.
    const { listenAlone, singlePort } = await import('./transport/listener.ts');
    if (!this.portSharing) {
      return await listenAlone({ ...options, hosts: await ownHosts(this.bind), limits });
    }
    const [{ SharedListener }, { resolvePaths }, { nativeFor }] = await Promise.all([
      import('./port-sharing/shared-listener.ts'),
      import('./port-sharing/paths.ts'),
      import('./port-sharing/transfer.ts'),
    ]);
    singlePort(options.addresses);
    return await SharedListener.open({
      ...options,
      hosts: await sharedHosts(this.bind),
      paths: resolvePaths(),
      native: await nativeFor(),
      limits,
      onNotice: this.#onNotice,
    });
  }
}

/** Local addresses for a port of one's own; wildcards stay what they are. */
async function ownHosts(bind: string | undefined): Promise<readonly string[]> {
  if (bind === '::' || bind === '*') return ['0.0.0.0', '::'];
  return bind !== undefined && ANY.has(bind) ? [bind] : await specificHosts(bind);
}

/** Local addresses for a shared port, as registrations write them. */
async function sharedHosts(bind: string | undefined): Promise<readonly string[]> {
  if (bind === '0.0.0.0') return ['*4'];
  if (bind === '::' || bind === '*') return ['*4', '*6'];
  return await specificHosts(bind);
}

async function specificHosts(bind = 'localhost'): Promise<readonly string[]> {
  if (bind === 'localhost') return ['127.0.0.1', '::1'];
  if (isIP(bind) !== 0) return [bind];
  try {
    return (await lookup(bind, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new NetTcpError(
      'EndpointNotFound',
      `Cannot resolve the host name "${bind}" that is to be listened on. Give an address of this machine.`,
      { reason: 'host-not-found', cause },
    );
  }
}
