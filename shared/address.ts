import { NetTcpError } from './errors.ts';
import { printable } from './printable.ts';

/** Where an endpoint is: a `net.tcp` URI, taken apart. */
export interface EndpointAddress {
  /** The URI as it is written on the wire, without query and fragment. */
  readonly uri: string;
  /** Name, IPv4 literal, or IPv6 literal without brackets. */
  readonly host: string;
  /** 0 to 65535; 0 only where a service lets the kernel choose. */
  readonly port: number;
  /** Path segments as written, none of them empty. */
  readonly segments: readonly string[];
}

/** The port of a `net.tcp` URI that names none. */
export const DEFAULT_PORT = 808;

// One strict grammar for both sides: what two parsers read differently, an attacker can route with.
const URI =
  /^net\.tcp:\/\/(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s/?#@:[\]%\\\p{Cc}\p{Cf}]+))(?::(\d{1,5}))?(\/[^?#]*)?(?:[?#].*)?$/iu;
const PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=:@/]*)*$/;

/**
 * Reads a `net.tcp` URI.
 *
 * Path segments are compared as they are written, letters in either case; escapes are not decoded,
 * empty segments are dropped, and `.` and `..` are refused, so one route has one spelling.
 *
 * @throws {NetTcpError} `Usage`, saying what is wrong with it
 */
export function parseAddress(text: string): EndpointAddress {
  const match = URI.exec(text);
  if (match === null) throw malformed(text, 'it must look like net.tcp://host:port/path');
  const [, v6, name = '', portText, path = ''] = match;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (port > 65_535) throw malformed(text, 'a port is a number from 1 to 65535');
  const segments: string[] = [];
  const isWellFormed = PATH.test(path);
  for (const segment of path.split('/')) {
    if (segment === '') continue;
    if (segment === '.' || segment === '..' || (!isWellFormed && !PATH.test(segment))) {
      throw malformed(text, `"${printable(segment)}" cannot be a part of its path`);
    }
    segments.push(segment);
  }
  return makeAddress(v6 ?? name, port, segments);
}

/**
 * The same for an endpoint that a person wants to call: it has a port, and nothing that would be dropped.
 *
 * @throws {NetTcpError} `Usage`, saying what is wrong with it
 */
export function parseAddressToCall(text: string): EndpointAddress {
  const address = parseAddress(text);
  if (address.port === 0) throw malformed(text, 'a port is a number from 1 to 65535');
  if (/[?#]/.test(text)) throw malformed(text, 'it has neither query nor fragment');
  return address;
}

/** An IPv6 address without the brackets that it may stand in; any other text as it is. */
export function unbracketed(host: string): string {
  return /^\[([^[\]]*:[^[\]]*)\]$/.exec(host)?.[1] ?? host;
}

/** Puts an address together; the inverse of {@link parseAddress}. */
export function makeAddress(
  host: string,
  port: number,
  segments: readonly string[],
): EndpointAddress {
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const shownPort = port === DEFAULT_PORT ? '' : `:${port}`;
  return { uri: `net.tcp://${shownHost}${shownPort}/${segments.join('/')}`, host, port, segments };
}

/** The same endpoint on another port: for services that let the kernel choose. */
export function atPort(address: EndpointAddress, port: number): EndpointAddress {
  return makeAddress(address.host, port, address.segments);
}

/** The form in which segments are compared: routes ignore case, in ASCII only, since that is all a segment has. */
export function segmentKey(segment: string): string {
  return segment.toLowerCase();
}

/** `host:port`, with brackets around IPv6: how an IP endpoint is shown. */
export function showEndpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the host of an address is an IP address, not a name. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
}

/** Where clients reach what is bound to a `bind` option. */
export interface Reach {
  /**
   * Hosts to write into an address: `bind` itself; for a wildcard at most two addresses of this machine, one of each
   * family, those that other machines reach first.
   */
  readonly names: readonly string[];
  /** Whether other machines reach it, too. */
  readonly isExposed: boolean;
}

/** Why an address is too long for a preamble, or `undefined`. @param maxBytes the limit `maxViaBytes` */
export function whyTooLong(uri: string, maxBytes: number): string | undefined {
  const bytes = new TextEncoder().encode(uri).length;
  if (bytes <= maxBytes) return undefined;
  return `the URI has ${bytes} bytes, which is too long: ${maxBytes} are allowed`;
}

/** Whether an IP address is a loopback address. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function malformed(text: string, why: string): NetTcpError {
  return new NetTcpError('Usage', `"${printable(text)}" is not a net.tcp address: ${why}.`);
}
