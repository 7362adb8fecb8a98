import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { EXIT_STATUS, messageOf, NetTcpError } from '../errors.ts';
import type { Context } from './context.ts';

const DECODED_AS = { msgpack: 'application/x-msgpack-rpc', soap: 8, 'soap-streamed': 7 } as const;

/** `net-tcp-port-sharing decode FILE`. @returns exit status */
export async function decode(
  { terminal, json }: Context,
  file: string,
  encoding: keyof typeof DECODED_AS | undefined,
): Promise<number> {
  let octets: Uint8Array;
  try {
    // yargs makes an empty word of a lone dash.
    octets = file === '-' || file === '' ? await buffer(process.stdin) : await readFile(file);
  } catch (cause) {
    throw new NetTcpError('Usage', `${file} cannot be read: ${messageOf(cause)}.`, { cause });
  }
  const { decodeStream } = await import('./decode.ts');
  const lines = decodeStream(octets, encoding === undefined ? undefined : DECODED_AS[encoding]);
  for (const line of lines) terminal.out(json ? JSON.stringify(line) : line);
  return lines.some((line) => line.trimStart().startsWith('✗')) ? EXIT_STATUS.Protocol : 0;
}
