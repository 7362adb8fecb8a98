import { type EndpointAddress, parseAddress, segmentKey } from '../../address.ts';
import type { MessageEncoding, ServiceCodecOptions } from '../../encoding/encoding.ts';
import { together } from '../../contract/together.ts';
import { stream } from '../../contract/types/types.ts';
import { NetTcpError } from '../../errors.ts';
import type { FramingFault } from '../../framing/faults.ts';
import { Mode, type Preamble } from '../../framing/records.ts';
import type { Limits } from '../../limits.ts';
import type { Security } from '../../security/settings.ts';
import { PrefixTable } from '../../prefix-table.ts';
import type { Connection } from '../../transport/connection.ts';
import type { CallCounts } from '../../transport/listener.ts';
import type { Sender } from '../../transport/upgrade.ts';
import type { Endpoint } from '../dispatch/endpoint.ts';
import { warnOfUnknown } from '../unknown.ts';
import type { MetadataFile } from './host-options.ts';
import type { ServiceSession, SessionOwner } from './service-session.ts';
import { asDescribed, metadataAddress, metadataEndpoint } from './metadata-endpoint.ts';

/** Where a preamble leads. */
export type Route =
  | RouteToEndpoint
  | { readonly to: 'fault'; readonly fault: FramingFault }
  /** Not ours, but perhaps another service's on this port. */
  | { readonly to: 'elsewhere' };

export interface RouteToEndpoint {
  readonly to: 'endpoint';
  readonly endpoint: Endpoint;
  readonly encoding: MessageEncoding;
  readonly codec: ServiceCodecOptions;
  /** Makes its sessions; `undefined`: plain ones. */
  readonly newSession: MakeSession | undefined;
  /** It is metadata, which SOAP alone has; `plain`: without the host's security. */
  readonly metadata: 'secured' | 'plain' | undefined;
}

/** Makes a session of a connection. */
export type MakeSession = (
  route: RouteToEndpoint,
  via: string,
  sender: Sender,
  connection: Connection,
  owner: SessionOwner,
) => ServiceSession;

interface Target {
  readonly newSession: MakeSession | undefined;
  readonly newStreamed: MakeSession | undefined;
  readonly metadata: 'secured' | 'plain' | undefined;
  readonly endpoint: Endpoint;
  readonly codec: ServiceCodecOptions;
}

/** What a host knows when it opens. */
export interface Opening {
  readonly encodings: readonly MessageEncoding[];
  readonly limits: Limits;
  readonly security: Security;
  /** Whether endpoints that do not say it have metadata. */
  readonly describesItself: boolean;
  /** Makes sessions that remember, if there are some. */
  readonly stateful: MakeSession | undefined;
  /** Makes those of streamed mode, if there are streams. */
  readonly streamed: MakeSession | undefined;
}

/** An address, and what answers there: all of its endpoints as one. */
interface Place {
  readonly address: EndpointAddress;
  endpoints: readonly [Endpoint, ...Endpoint[]];
  endpoint: Endpoint;
}

/** The endpoints of one host, found by the path of a via. */
export class EndpointTable {
  readonly #added: Place[] = [];
  readonly #targets = new PrefixTable<Target>();
  #encodings: readonly MessageEncoding[] = [];

  /** As they were added: a port may be 0 until the host listens. */
  get addresses(): readonly EndpointAddress[] {
    return this.#added.map(({ address }) => address);
  }

  /** What was done at each address, in the same order. */
  get counts(): readonly CallCounts[] {
    return this.#added.map(({ endpoint }) => endpoint.counts);
  }

  /**
   * Every endpoint, as files of WSDL and schemas.
   *
   * @param real the addresses, as in {@link open}; without them those that were added
   * @throws {NetTcpError} `Usage` for contracts that WSDL cannot describe
   */
  async describe(security: Security, real: readonly string[]): Promise<readonly MetadataFile[]> {
    const { describe } = await import('../../metadata/write/description.ts');
    const described = this.#added.flatMap(({ address: { uri }, endpoints }, index) =>
      endpoints.map(({ contract }) => asDescribed(contract, real[index] ?? uri, security)),
    );
    return describe('Service', described).map(({ name, text }) => ({ name, text }));
  }

  /** Whether some of them have sessions that remember. */
  get hasState(): boolean {
    return this.#added.some(({ endpoint }) => endpoint.isStateful);
  }

  /** Whether some of them have streams. */
  get hasStreams(): boolean {
    return this.#added.some(({ endpoint }) => endpoint.contract.types.has(stream));
  }

  /** @throws {NetTcpError} `Usage` if another endpoint at the address would answer the same messages */
  add(address: EndpointAddress, added: Omit<Endpoint, 'counts'>): void {
    const endpoint = { ...added, counts: { calls: 0, faults: 0 } };
    const key = keyOf(address);
    const place = this.#added.find((other) => keyOf(other.address) === key);
    if (place === undefined) {
      this.#added.push({ address, endpoint, endpoints: [endpoint] });
      return;
    }
    const endpoints = [...place.endpoints, endpoint] as const;
    place.endpoint = asOne(endpoints, address.uri);
    place.endpoints = endpoints;
  }

  /** @param addresses the real ones, in the order in which they were added */
  open(addresses: readonly EndpointAddress[], opening: Opening): void {
    const { encodings, limits, stateful, streamed } = opening;
    this.#encodings = encodings;
    for (const [index, { endpoint, endpoints }] of this.#added.entries()) {
      const address = addresses[index];
      if (address === undefined) continue;
      const newSession = endpoint.isStateful ? stateful : undefined;
      const newStreamed = endpoint.contract.types.has(stream) ? streamed : newSession;
      const codec = codecOf(endpoint, address, limits);
      const target = { endpoint, codec, newSession, newStreamed, metadata: undefined };
      this.#targets.set(address.segments, target);
      this.#describe(endpoints, address, opening);
    }
  }

  /** Adds the metadata of the endpoints at an address, unless another endpoint has theirs. */
  #describe(endpoints: readonly Endpoint[], address: EndpointAddress, opening: Opening): void {
    const { limits, security, describesItself } = opening;
    const [first, ...others] = endpoints.filter(({ metadata }) => metadata ?? describesItself);
    if (first === undefined) return;
    const at = metadataAddress(address);
    if (this.#added.some((place) => keyOf(place.address) === keyOf(at))) return;
    const endpoint = metadataEndpoint([first, ...others], address.uri, security);
    const codec = codecOf(endpoint, at, limits);
    const metadata = first.metadata === 'plain' ? 'plain' : 'secured';
    const plain = { newSession: undefined, newStreamed: undefined };
    this.#targets.set(at.segments, { endpoint, codec, ...plain, metadata });
  }

  route({ via, encoding: contentType, mode }: Preamble): Route {
    let segments: readonly string[];
    try {
      ({ segments } = parseAddress(via));
    } catch {
      return { to: 'fault', fault: 'EndpointNotFound' };
    }
    const target = this.#targets.find(segments);
    if (target === undefined) return { to: 'elsewhere' };
    const encoding = this.#encodings.find((one) => one.contentType === contentType);
    const isOther = target.metadata !== undefined && encoding?.name !== 'soap';
    if (encoding === undefined || isOther) return { to: 'fault', fault: 'ContentTypeInvalid' };
    const needsSession = target.endpoint.contract.sessionMode === 'required';
    if (encoding.mode !== mode || (needsSession && mode !== 2))
      return { to: 'fault', fault: 'UnsupportedMode' };
    const { endpoint, codec, metadata } = target;
    const newSession = mode === Mode.SingletonUnsized ? target.newStreamed : target.newSession;
    return { to: 'endpoint', encoding, endpoint, codec, newSession, metadata };
  }
}

function codecOf(
  { contract, acceptsAnyTo, understood }: Endpoint,
  { uri }: EndpointAddress,
  limits: Limits,
): ServiceCodecOptions {
  return { contract, limits, address: uri, acceptsAnyTo, understood, onUnknown: warnOfUnknown };
}

/** The endpoint that answers for all of them. @throws {NetTcpError} `Usage` if it could not tell whose a message is */
function asOne([first, ...others]: readonly [Endpoint, ...Endpoint[]], address: string): Endpoint {
  if (others.some(({ acceptsAnyTo }) => acceptsAnyTo !== first.acceptsAnyTo)) {
    const text = `The endpoints at '${address}' need the same addressFilterMode.`;
    throw new NetTcpError('Usage', text);
  }
  const all = [first, ...others];
  return {
    ...first,
    isStateful: all.some(({ isStateful }) => isStateful),
    contract: together([first.contract, ...others.map(({ contract }) => contract)], address),
    understood: all.flatMap(({ understood }) => understood),
    implementation: new Map(all.flatMap(({ implementation }) => [...implementation])),
  };
}

/** Equal for addresses of a host that count as one. */
function keyOf({ host, port, segments }: EndpointAddress): string {
  return `${host.toLowerCase()}:${port}/${segments.map(segmentKey).join('/')}`;
}
