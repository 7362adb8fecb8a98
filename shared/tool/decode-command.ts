import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { EXIT_STATUS, messageOf, NetTcpError, systemCode } from '../errors.ts';
import { jsonLine, printable, quoted } from '../printable.ts';
import type { Context } from './context.ts';

const DECODED_AS = { msgpack: 'application/x-msgpack-rpc', soap: 8, 'soap-streamed': 7 } as const;

/** `net-tcp-port-sharing decode FILE`. @returns exit status */
export async function decode(
  { terminal, json, stop }: Context,
  file: string | undefined,
  encoding: keyof typeof DECODED_AS | undefined,
): Promise<number> {
  if (file === undefined) {
    throw new NetTcpError('Usage', 'Say which file to decode: decode FILE; - is standard input.');
  }
  // yargs makes an empty word of a lone dash.
  const isInput = file === '-' || file === '';
  const name = isInput ? 'Standard input' : quoted(file);
  let octets: Uint8Array;
  try {
    octets = isInput ? await buffer(addAbortSignal(stop, process.stdin)) : await readFile(file);
  } catch (cause) {
    if (stop.aborted) return 128 + constants.signals[stop.reason as NodeJS.Signals];
    const isDirectory = systemCode(cause) === 'EISDIR';
    const why = isDirectory ? 'is a directory' : `cannot be read: ${printable(messageOf(cause))}`;
    throw new NetTcpError('Usage', `${name} ${why}.`, { cause });
  }
  if (octets.length === 0) {
    throw new NetTcpError('Usage', `${name} is empty: there is nothing to decode.`);
  }
  const { decodeStream, formatRecord } = await import('./decode.ts');
  const records = decodeStream(octets, encoding === undefined ? undefined : DECODED_AS[encoding]);
  for (const record of records) {
    const lines = json ? [jsonLine(record)] : formatRecord(record);
    for (const line of lines) terminal.out(line);
  }
  return records.some(({ error }) => error !== undefined) ? EXIT_STATUS.Protocol : 0;
}
