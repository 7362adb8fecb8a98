import { createReadStream } from 'node:fs';
import { messageOf, NetTcpError, systemCode } from '../../errors.ts';
import { printable, quoted } from '../../printable.ts';
import { checkBytes } from './documents.ts';

/** Redirections that one document may have. */
const MAX_REDIRECTIONS = 5;

/**
 * Reads a file, or gets a document over HTTP.
 *
 * @param signal gives it up
 * @throws {NetTcpError} `Usage` for a file that cannot be read, `EndpointNotFound` and `Communication` for what HTTP
 *   says, `Timeout`, `QuotaExceeded` beyond `maxBytes`
 */
export async function fetchDocument(
  location: URL,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const isFile = location.protocol === 'file:';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    const body = isFile ? createReadStream(location) : (await request(location, signal)).body;
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      checkBytes(bytes, maxBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw isFile ? fileError(location, cause) : webError(location, cause, signal);
  }
  return Buffer.concat(chunks);
}

function fileError(location: URL, cause: unknown): NetTcpError {
  if (cause instanceof NetTcpError) return cause;
  const isDirectory = systemCode(cause) === 'EISDIR';
  const why = isDirectory ? 'is a directory' : `cannot be read: ${printable(messageOf(cause))}`;
  return new NetTcpError('Usage', `${quoted(decodeURI(location.pathname))} ${why}.`, { cause });
}

async function request(location: URL, signal: AbortSignal): Promise<Response> {
  let at = location;
  for (let redirections = 0; redirections <= MAX_REDIRECTIONS; redirections++) {
    const response = await fetch(at, { redirect: 'manual', signal });
    if (response.ok) return response;
    await response.body?.cancel();
    const to = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || to === null) {
      const code = response.status === 404 ? 'EndpointNotFound' : 'Communication';
      throw new NetTcpError(code, `${quoted(at.href)} answered with status ${response.status}.`);
    }
    const next = URL.canParse(to, at.href) ? new URL(to, at) : undefined;
    if (next?.host !== at.host || !/^https?:$/.test(next.protocol)) {
      throw new NetTcpError(
        'Communication',
        `${quoted(at.href)} has moved to ${quoted(to)}: name that address.`,
      );
    }
    at = next;
  }
  throw new NetTcpError('Communication', `${quoted(location.href)} redirects too often.`);
}

/** @param cause of `fetch`, which has the system's error as its own cause */
function webError(location: URL, cause: unknown, signal: AbortSignal): NetTcpError {
  if (cause instanceof NetTcpError) return cause;
  const at = quoted(location.href);
  if (signal.aborted) {
    const text = `${at} did not answer in time, or was no longer wanted.`;
    return new NetTcpError('Timeout', text, { cause });
  }
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  if (systemCode(inner) === 'ECONNREFUSED') {
    const reason = 'connection-refused' as const;
    return new NetTcpError('EndpointNotFound', `Nothing listens at ${at}.`, { cause, reason });
  }
  if (systemCode(inner) === 'ENOTFOUND') {
    const reason = 'host-not-found' as const;
    return new NetTcpError('EndpointNotFound', `DNS does not know the host of ${at}.`, {
      cause,
      reason,
    });
  }
  const why = printable(messageOf(inner));
  return new NetTcpError('Communication', `${at} could not be fetched: ${why}.`, { cause });
}
