import { IMetadataExchange } from '../../encoding/metadata-exchange.ts';
import { NetTcpError } from '../../errors.ts';
import { countsIn } from '../../limit-owners.ts';
import type { LimitName, Limits } from '../../limits.ts';
import type { XmlElement } from '../../metadata/xml/element.ts';
import { NetTcpBinding } from '../../net-tcp-binding.ts';
import { ChannelFactory } from '../../rpc/client/channel-factory.ts';
import type { ClientCredentials } from '../../security/credentials.ts';
import type { SecurityOptions } from '../../security/settings.ts';
import { Documents, type ImportOptions } from './documents.ts';

/** How a service is asked. */
export interface Asking {
  /** As the endpoint's own security is, unless its metadata are `plain`. */
  readonly security: SecurityOptions | undefined;
  readonly credentials: ClientCredentials;
  /** Told what is odd about the credentials. */
  readonly onNotice: (text: string) => void;
}

/** Those that a binding takes: the daemon's come by the same variable. */
function limitsOfClients(limits: Limits): Partial<Limits> {
  const own = Object.entries(limits).filter(([name]) => countsIn('binding', name as LimitName));
  return Object.fromEntries(own);
}

/**
 * Asks a service for its metadata.
 *
 * @param address where they are: `net.tcp://…/mex`
 * @throws {NetTcpError} of the call; `EndpointNotFound` where nothing answers such a request
 */
export async function fetchMetadata(
  address: string,
  options: ImportOptions,
  { security, credentials, onNotice }: Asking,
): Promise<readonly XmlElement[]> {
  const { maxMetadataBytes, openTimeoutMs } = options.limits;
  const binding = new NetTcpBinding({
    encoding: 'soap',
    ...(security && { security }),
    onNotice,
    limits: {
      ...limitsOfClients(options.limits),
      maxReceivedMessageSize: maxMetadataBytes,
      sendTimeoutMs: openTimeoutMs,
    },
  });
  const factory = new ChannelFactory(IMetadataExchange, binding, { credentials });
  // The one operation has an element as its answer, which no type of a contract says.
  const proxy = factory.createChannel(address) as unknown as Exchange;
  try {
    const text = await proxy.Get();
    return await new Documents(options).addAll(text, new URL(address));
  } catch (error) {
    const { code, reason, message } = NetTcpError.from(error);
    if (reason === 'security-mismatch') {
      const advice = 'Ask with the --security of the service: tls, windows, username or none.';
      throw new NetTcpError(code, `${address}: ${message} ${advice}`, { cause: error, reason });
    }
    if (code !== 'ActionNotSupported') throw error;
    const text = `${address} is not an address of metadata: a service that offers them does so at its own address with /mex after it.`;
    throw new NetTcpError('EndpointNotFound', text, { cause: error });
  } finally {
    proxy.abort();
    factory.close();
  }
}

interface Exchange {
  Get(): Promise<string>;
  abort(): void;
}
