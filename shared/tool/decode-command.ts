import { createReadStream } from 'node:fs';
import { constants } from 'node:os';
import { addAbortSignal } from 'node:stream';
import { warn } from '../command-line/command.ts';
import { EXIT_STATUS, messageOf, NetTcpError, systemCode } from '../errors.ts';
import type { EncodingName } from '../framing/records.ts';
import { jsonLine, printable, quoted } from '../printable.ts';
import { readUpTo } from '../read-file.ts';
import { isCapture } from './decode/capture.ts';
import type { Context } from './context.ts';
import type { ShownRecord } from './decode/decode.ts';

// A capture is in memory while it is decoded, twice for a moment: more would be no help to anybody.
const MAX_CAPTURE_BYTES = 1024 * 1024 * 1024;

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
  // yargs turns a lone dash into an empty word.
  const isInput = file === '-' || file === '';
  const name = isInput ? 'Standard input' : quoted(file);
  let octets: Uint8Array;
  try {
    octets = await readUpTo(
      isInput ? addAbortSignal(stop, process.stdin) : createReadStream(file, { signal: stop }),
      MAX_CAPTURE_BYTES,
    );
  } catch (cause) {
    if (stop.aborted) return 128 + constants.signals[stop.reason as NodeJS.Signals];
    const isDirectory = systemCode(cause) === 'EISDIR';
    const why = isDirectory ? 'is a directory' : `cannot be read: ${printable(messageOf(cause))}`;
    throw new NetTcpError('Usage', `${name} ${why}.`, { cause });
  }
  if (octets.length === 0) {
    throw new NetTcpError('Usage', `${name} is empty: there is nothing to decode.`);
  }
  const known = encoding === undefined ? undefined : DECODED_AS[encoding];
  if (isCapture(octets)) return await showCapture(octets, known, { terminal, json });
  const { decodeStream, formatRecord } = await import('./decode/decode.ts');
  const records = decodeStream(octets, known);
  for (const record of records) {
    const lines = json ? [jsonLine(record)] : formatRecord(record);
    for (const line of lines) terminal.out(line);
  }
  return statusOf(records);
}

async function showCapture(
  octets: Uint8Array,
  encoding: EncodingName | undefined,
  { terminal, json }: Pick<Context, 'terminal' | 'json'>,
): Promise<number> {
  const { decodeCapture, formatCapturedStream } = await import('./decode/decode-capture.ts');
  const { streams, others } = decodeCapture(octets, encoding);
  for (const [index, stream] of streams.entries()) {
    const { client, service, records } = stream;
    if (json) {
      for (const record of records) {
        terminal.out(jsonLine({ stream: index + 1, client, service, ...record }));
      }
      continue;
    }
    if (index > 0) terminal.out('');
    for (const line of formatCapturedStream(stream)) terminal.out(line);
  }
  const left = `${others} TCP ${others === 1 ? 'stream' : 'streams'} of the capture`;
  if (others > 0) {
    warn(
      `${left} did not begin as net.tcp does: another protocol, or one that began before the capture.`,
      terminal,
      json,
    );
  }
  if (streams.length === 0) {
    throw new NetTcpError('Protocol', 'The capture has no net.tcp stream from its beginning.');
  }
  return statusOf(streams.flatMap(({ records }) => records));
}

function statusOf(records: readonly ShownRecord[]): number {
  return records.some(({ error }) => error !== undefined) ? EXIT_STATUS.Protocol : 0;
}
