import { NetTcpError } from '../../errors.ts';
import { type ContractSource, readDescription } from '../read/read-description.ts';
import { writeSource } from './write-source.ts';
import type { XmlElement } from '../xml/element.ts';

/** What was made of a description. */
interface ImportedSource {
  readonly contracts: readonly ContractSource[];
  /** The file. */
  readonly text: string;
}

/**
 * Makes TypeScript of a description.
 *
 * @param documents roots of WSDL and schemas, the main one first
 * @param origin where they are from, fit to be shown
 * @param onWriting is called when they have been read, before the file is made of them
 * @throws {NetTcpError} `Protocol` if they describe no contract, `QuotaExceeded` for types that are nested without
 *   measure
 */
export function importSource(
  documents: readonly XmlElement[],
  origin: string,
  onWriting: () => void = () => {},
): ImportedSource {
  try {
    const contracts = readDescription(documents);
    onWriting();
    return { contracts, text: writeSource(contracts, origin) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const text = `${origin} has types that are nested too deeply to be read.`;
    throw new NetTcpError('QuotaExceeded', text, { cause: error });
  }
}
