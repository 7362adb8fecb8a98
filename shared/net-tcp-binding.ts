import type { Reach } from './address.ts';
import type { MessageEncoding } from './encoding/encoding.ts';
import { NetTcpError } from './errors.ts';
import { boundBy, checkExposure } from './exposure.ts';
import { BINDING_LIMITS, limitsOf } from './limit-owners.ts';
import type { Limits } from './limits.ts';
import { BOOLEAN, checkOptions, FUNCTION, OBJECT, oneOf, optionsOf, STRING } from './options.ts';
import { harmless } from './rpc/hooks.ts';
import { printable } from './printable.ts';
import type { ClientCredentials, ServiceCredentials } from './security/credentials.ts';
import {
  describeSecurity,
  PLAIN,
  type Security,
  type SecurityOptions,
  showsUserNames,
  toSecurity,
} from './security/settings.ts';
import type { TlsSettings } from './transport/tls/settings.ts';
import type { ClientUpgrade, ServiceUpgrade } from './transport/upgrade.ts';
import type { Binding } from './rpc/binding.ts';
import type { Listener, ListenOptions } from './transport/listener.ts';

/** How a `NetTcpBinding` differs from the default one. */
export interface NetTcpBindingOptions {
  /** Whether services share the port with others, through the port-sharing daemon. Default: false. */
  readonly portSharing?: boolean;
  /**
   * Whether several processes serve the same addresses: with `portSharing`, if all of them say so. Each connection
   * goes to the one with the fewest. Default: false.
   */
  readonly replicas?: boolean;
  /**
   * Where a service can be reached: an IP address of this machine, a host name that has one, `0.0.0.0` for all
   * IPv4 addresses, `::` for all addresses. Default: the IP address that the endpoint's address names, as in WCF;
   * if it names none, loopback, both families.
   */
  readonly bind?: string;
  /**
   * Encoding of a client: `soap` for services of WCF. A service answers both. Default: `msgpack`, or `soap` with
   * user names.
   */
  readonly encoding?: EncodingOption;
  /** WCF's TransferMode of a client, with `soap`; a service answers both. Default: `buffered`. */
  readonly transferMode?: 'buffered' | 'streamed';
  /**
   * WCF's Security: what clients and services have to show each other, and whether others can read along. Required
   * once it is named. Default: none, which a service that other machines reach has to name: `{ mode: 'None' }`.
   */
  readonly security?: SecurityOptions;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** Whether callers see what an implementation threw. For development only. Default: false. */
  readonly includeExceptionDetailInFaults?: boolean;
  /** Called with sentences for the operator of a sharing service. Default: a line on standard error. */
  readonly onNotice?: (text: string) => void;
}

/** How messages are encoded: `msgpack` is MessagePack-RPC, `soap` is WCF's SOAP 1.2 in .NET's binary XML. */
type EncodingOption = 'msgpack' | 'soap';

const OPTIONS = optionsOf('NetTcpBinding', {
  portSharing: BOOLEAN,
  replicas: BOOLEAN,
  bind: STRING,
  encoding: oneOf('msgpack', 'soap'),
  transferMode: oneOf('buffered', 'streamed'),
  security: OBJECT,
  limits: OBJECT,
  includeExceptionDetailInFaults: BOOLEAN,
  onNotice: FUNCTION,
} as const satisfies Record<keyof NetTcpBindingOptions, unknown>);

/** The `net.tcp` binding: how services listen and clients call. One serves any number of hosts and factories. */
export class NetTcpBinding implements Binding {
  /** Whether services share their port. */
  readonly portSharing: boolean;
  /** Whether other processes may serve the same addresses. */
  readonly replicas: boolean;
  /** Where services can be reached; `undefined`: see {@link NetTcpBindingOptions.bind}. */
  readonly bind: string | undefined;
  /** All limits, including defaults. */
  readonly limits: Limits;
  /** How connections are upgraded. @internal */
  readonly security: Security;
  /** Encoding of clients. */
  readonly encoding: EncodingOption;
  /** Whether a client sends each call in a session of its own. */
  readonly isStreamed: boolean;
  /** Whether callers see what an implementation threw. */
  readonly includeExceptionDetailInFaults: boolean;
  readonly #isSecurityNamed: boolean;
  readonly #onNotice: (text: string) => void;
  #clientEncoding: Promise<MessageEncoding> | undefined;

  /**
   * @throws {NetTcpError} `Usage` for an option or limit that does not exist or has an invalid value,
   *   and for streamed msgpack, which does not exist
   */
  constructor(options: NetTcpBindingOptions = {}) {
    checkOptions('NetTcpBinding', options, OPTIONS, { limits: BINDING_LIMITS });
    this.portSharing = options.portSharing ?? false;
    this.replicas = options.replicas ?? false;
    if (this.replicas && !this.portSharing) {
      throw new NetTcpError('Usage', 'The option replicas goes with portSharing: true only.');
    }
    this.bind = options.bind;
    this.limits = limitsOf('binding', options.limits);
    const security = toSecurity(options.security);
    this.#isSecurityNamed = security !== undefined;
    this.security = security ?? PLAIN;
    const isOfUsers = showsUserNames(this.security);
    this.encoding = options.encoding ?? (isOfUsers ? 'soap' : 'msgpack');
    if (isOfUsers && this.encoding !== 'soap') {
      const text =
        'User names (TransportWithMessageCredential) are sent in SOAP messages: leave the encoding out, or use "soap".';
      throw new NetTcpError('Usage', text);
    }
    this.isStreamed = options.transferMode === 'streamed';
    if (this.isStreamed && this.encoding !== 'soap') {
      const text = 'The transferMode "streamed" goes with the encoding "soap" only.';
      throw new NetTcpError('Usage', text);
    }
    this.includeExceptionDetailInFaults = options.includeExceptionDetailInFaults ?? false;
    this.#onNotice = harmless('onNotice', options.onNotice ?? printNotice);
  }

  /** @internal */
  clientEncoding(): Promise<MessageEncoding> {
    // Even the import of a loaded module costs something each time.
    this.#clientEncoding ??= loadClientEncoding(this.encoding, this.isStreamed);
    return this.#clientEncoding;
  }

  /** @internal */
  async serviceEncodings(): Promise<readonly MessageEncoding[]> {
    const [{ msgpack }, { soapBuffered, soapStreamed }] = await Promise.all([
      import('./encoding/msgpack/msgpack.ts'),
      import('./encoding/soap/soap.ts'),
    ]);
    const all = [msgpack, soapBuffered, soapStreamed];
    return showsUserNames(this.security) ? all.slice(1) : all;
  }

  /**
   * Where clients reach the services of this binding: what to write into an address, and whether other machines
   * can.
   *
   * @throws {NetTcpError} `EndpointNotFound` for a `bind` that does not resolve
   */
  async reach(): Promise<Reach> {
    const { reachOf } = await import('./port-sharing/machine/local-addresses.ts');
    return await reachOf(this.bind);
  }

  /** @internal */
  async serviceUpgrade(credentials: ServiceCredentials): Promise<ServiceUpgrade> {
    if (this.security.upgrade === 'negotiate') {
      const { createNegotiateService } = await import('./transport/negotiate/service.ts');
      return await createNegotiateService(credentials, this.#onNotice);
    }
    const { createTlsService } = await import('./transport/tls/service.ts');
    const upgrade = await createTlsService(tlsOf(this.security), credentials, this.#onNotice);
    if (!showsUserNames(this.security)) return upgrade;
    const { withUserNames } = await import('./transport/tls/user-names.ts');
    return await withUserNames(upgrade, credentials, this.limits, this.#onNotice);
  }

  /** @internal */
  async clientUpgrade(credentials: ClientCredentials): Promise<ClientUpgrade> {
    if (this.security.upgrade === 'negotiate') {
      const { createNegotiateClient } = await import('./transport/negotiate/client.ts');
      return createNegotiateClient(credentials);
    }
    const { createTlsClient } = await import('./transport/tls/client.ts');
    return await createTlsClient(tlsOf(this.security), credentials, this.#onNotice);
  }

  /** @internal */
  async descriptorLimit(): Promise<number> {
    const { descriptorLimit } = await import('./port-sharing/machine/descriptor-limit.ts');
    return descriptorLimit(undefined);
  }

  /** @internal */
  async listen(options: Omit<ListenOptions, 'hosts' | 'limits'>): Promise<Listener> {
    const { limits } = this;
    const bind = this.bind ?? boundBy(options.addresses);
    // Loaded only to listen: clients start without them.
    const [{ listenAlone, singlePort }, { ownPortHosts, registrationHosts }, descriptors] =
      await Promise.all([
        import('./transport/listener.ts'),
        import('./port-sharing/machine/hosts.ts'),
        import('./port-sharing/machine/descriptor-limit.ts'),
      ]);
    // Reserving more than there are is the operator's choice: clients are told ServerTooBusy.
    descriptors.checkDescriptorLimit('This service', descriptors.descriptorLimit(undefined), 0);
    if (!this.portSharing) {
      const { limitSegmentsSoon } = await import('./port-sharing/machine/segment-size.ts');
      const hosts = await ownPortHosts(bind);
      checkExposure(hosts, this.#isSecurityNamed);
      options.onHosts?.(hosts);
      return await listenAlone({
        ...options,
        hosts,
        limits,
        onListening: limitSegmentsSoon,
      });
    }
    const [{ SharedListener }, { resolvePaths }, { checkRuntime, nativeFor }] = await Promise.all([
      import('./port-sharing/service/shared-listener.ts'),
      import('./port-sharing/machine/paths.ts'),
      import('./port-sharing/machine/load-native.ts'),
    ]);
    checkRuntime(process.versions);
    singlePort(options.addresses);
    const hosts = await registrationHosts(bind);
    checkExposure(hosts, this.#isSecurityNamed);
    options.onHosts?.(hosts);
    return await SharedListener.open({
      ...options,
      hosts,
      security: describeSecurity(this.security),
      isReplica: this.replicas,
      paths: resolvePaths(),
      native: await nativeFor(),
      limits,
      onNotice: this.#onNotice,
    });
  }
}

function tlsOf(security: Security): TlsSettings {
  if (security.upgrade === 'tls') return security;
  throw new NetTcpError('Internal', 'this security does not use TLS');
}

async function loadClientEncoding(
  encoding: EncodingOption,
  isStreamed: boolean,
): Promise<MessageEncoding> {
  if (encoding === 'msgpack') return (await import('./encoding/msgpack/msgpack.ts')).msgpack;
  const { soapBuffered, soapStreamed } = await import('./encoding/soap/soap.ts');
  return isStreamed ? soapStreamed : soapBuffered;
}

function printNotice(text: string): void {
  process.stderr.write(`${printable(text, Infinity)}\n`);
}
