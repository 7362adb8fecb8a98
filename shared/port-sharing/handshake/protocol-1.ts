// Handshake protocol 1 (version 0.1.0: JSON, a line for each message): only enough to tell a peer that speaks it,
// in its own words, that it is not spoken here.
import type { Socket } from 'node:net';
import { type Untrusted, untrusted } from '../../printable.ts';
import { packageVersion } from '../../own-package.ts';
import { PROTOCOL_VERSION } from './messages.ts';

/** `{`, with which its lines begin. A message of protocol 2 that began so would be longer than allowed. */
export const PROTOCOL_1_BYTE = 0x7b;

/** A caller that said hello in protocol 1. */
interface OldCaller {
  readonly pid: number;
  /** Version of the suite. */
  readonly version: Untrusted;
}

/** Reads a caller's first line. @returns `undefined` if that is no hello */
export function readOldHello(line: string): OldCaller | undefined {
  const { type, pid, version } = membersOf(line);
  if (type !== 'hello' || typeof pid !== 'number' || typeof version !== 'string') return undefined;
  return { pid, version: untrusted(version) };
}

/** The answer to such a caller, which then explains it to its user. */
export function refusalForOld(): string {
  const version = packageVersion();
  return lineOf({ type: 'version-unsupported', protocol: PROTOCOL_VERSION, version });
}

/**
 * Asks the listener at the other end of `socket` whether it speaks protocol 1.
 *
 * @returns its version; `undefined` if it does not, or says nothing
 */
export function askOldDaemon(socket: Socket, timeoutMs: number): Promise<Untrusted | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const { type, protocol, version } = membersOf(text);
      const isOld = type === 'version-unsupported' && protocol === 1;
      resolve(isOld && typeof version === 'string' ? untrusted(version) : undefined);
    };
    const timer = setTimeout(end, timeoutMs);
    socket.once('close', end).once('end', end).setEncoding('utf8');
    socket.on('data', (part: string) => {
      text += part;
      if (part.includes('\n') || text.length > MAX_ANSWER_CHARS) end();
    });
    const hello = { type: 'hello', protocol: PROTOCOL_VERSION, version: packageVersion() };
    socket.write(lineOf({ ...hello, pid: process.pid, role: 'tool', handOver: false }));
    socket.resume();
  });
}

const MAX_ANSWER_CHARS = 1_024;

function lineOf(message: object): string {
  return `${JSON.stringify(message)}\n`;
}

function membersOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // It is no JSON, and has no members.
  }
  return {};
}
