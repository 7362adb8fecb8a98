import { type EndpointAddress, parseAddress } from '../../address.ts';
import type { Contract } from '../../contract/contract.ts';
import { stream } from '../../contract/types/types.ts';
import { GET_METADATA, IMetadataExchange } from '../../encoding/metadata-exchange.ts';
import type { Security } from '../../security/settings.ts';
import type { DescribedBinding, DescribedEndpoint } from '../../metadata/write/write-binding.ts';
import type { Endpoint } from '../dispatch/endpoint.ts';

/** Segment of the address of an endpoint's metadata, below its own. */
const MEX = 'mex';

/** Where the metadata of what is at an address are. */
export function metadataAddress({ uri }: EndpointAddress): EndpointAddress {
  return parseAddress(`${uri.replace(/\/+$/, '')}/${MEX}`);
}

/**
 * The endpoint that answers with the metadata of others. They are written when they are first asked for: nobody may
 * ever ask.
 *
 * @param described those at `address`, at least one
 */
export function metadataEndpoint(
  described: readonly [Endpoint, ...Endpoint[]],
  address: string,
  security: Security,
): Endpoint {
  let answer: Promise<unknown> | undefined;
  const write = async (): Promise<unknown> => {
    const { metadataAnswer } = await import('../../metadata/write/answer.ts');
    return metadataAnswer(
      described.map(({ contract }) => asDescribed(contract, address, security)),
    );
  };
  const [first] = described;
  return {
    ...first,
    contract: IMetadataExchange,
    implementation: new Map([[GET_METADATA, () => (answer ??= write())]]),
    isStateful: false,
    understood: [],
    onCall: undefined,
    counts: { calls: 0, faults: 0 },
    guard: first.metadata === 'plain' ? undefined : first.guard,
    onDenied: first.onDenied,
  };
}

/** What metadata say of an endpoint. @param security of its host */
export function asDescribed(
  contract: Contract,
  address: string,
  security: Security,
): DescribedEndpoint {
  const isStreamed = contract.types.has(stream) && contract.sessionMode === 'allowed';
  return { contract, address, transport: transportOf(security), isStreamed };
}

function transportOf(security: Security): DescribedBinding['transport'] {
  if (security.upgrade === 'negotiate') return 'windows';
  if (security.upgrade === 'none') return undefined;
  return security.client === 'certificate' ? 'tls-with-certificate' : 'tls';
}
