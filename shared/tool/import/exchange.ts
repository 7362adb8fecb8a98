import { IMetadataExchange } from '../../encoding/metadata-exchange.ts';
import { NetTcpError } from '../../errors.ts';
import type { XmlElement } from '../../metadata/xml/element.ts';
import { NetTcpBinding } from '../../net-tcp-binding.ts';
import { ChannelFactory } from '../../rpc/client/channel-factory.ts';
import { Documents, type ImportOptions } from './documents.ts';

/**
 * Asks a service for its metadata.
 *
 * @param address where they are: `net.tcp://…/mex`
 * @throws {NetTcpError} of the call; `EndpointNotFound` where nothing answers such a request
 */
export async function fetchMetadata(
  address: string,
  options: ImportOptions,
): Promise<readonly XmlElement[]> {
  const { maxMetadataBytes, openTimeoutMs } = options.limits;
  const binding = new NetTcpBinding({
    encoding: 'soap',
    limits: {
      ...options.limits,
      maxReceivedMessageSize: maxMetadataBytes,
      sendTimeoutMs: openTimeoutMs,
    },
  });
  const factory = new ChannelFactory(IMetadataExchange, binding);
  // The one operation has an element as its answer, which no type of a contract says.
  const proxy = factory.createChannel(address) as unknown as Exchange;
  try {
    const text = await proxy.Get();
    return await new Documents(options).addAll(text, new URL(address));
  } catch (error) {
    if (NetTcpError.from(error).code !== 'ActionNotSupported') throw error;
    const text = `${address} is no address of metadata: a service has them at its own with /mex after it, if it has them.`;
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
