import { Packr } from 'msgpackr';

// Plain MessagePack, by another library.
const packr = new Packr({ useRecords: false });

/** A request of MessagePack-RPC. */
export function request(id: number, method: string, ...params: readonly unknown[]): Uint8Array {
  return packr.pack([0, id, method, params]);
}

/** Its answer: a result, and no error. */
export function response(id: number, result: unknown): Uint8Array {
  return packr.pack([1, id, null, result]);
}

export function unpack(octets: Uint8Array): unknown {
  return packr.unpack(octets);
}
