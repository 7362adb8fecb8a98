import { isIPv4, isIPv6 } from 'node:net';
import { NetTcpError } from './errors.ts';
import { printable } from './printable.ts';

/** The address of an endpoint: a `net.tcp` URI and its parts. */
export interface EndpointAddress {
  /** The URI as it is written on the wire and as .NET writes it, without query and fragment. */
  readonly uri: string;
  /** Name, IPv4 literal, or IPv6 literal without brackets. */
  readonly host: string;
  /** 0 to 65535; 0 only where a service lets the kernel choose. */
  readonly port: number;
  /** Path segments as in the URI, without empty ones. */
  readonly segments: readonly string[];
}

/** Port of a `net.tcp` URI that names none. */
export const DEFAULT_PORT = 808;

// One strict grammar for both sides: an attacker can abuse what two parsers read differently.
const URI =
  /^net\.tcp:\/\/(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s/?#@:[\]%\\\p{Cc}\p{Cf}]+))(?::(\d{1,5}))?(\/[^?#]*)?(?:[?#].*)?$/iu;
/** Paths that are already written as .NET writes them, as nearly all are. */
const PLAIN = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]/]*$/;
const NEVER = /[\p{Cc}\p{Cs}]/u;
const SCHEME = 'net.tcp://';

/**
 * Addresses that were read last: every connection names its own, and most name the same. Reading one takes
 * longer than the rest of a preamble. Forgotten together, so that strangers who name others cost nothing more.
 */
const recent = new Map<string, EndpointAddress>();
const MAX_RECENT = 64;

/**
 * Reads a `net.tcp` URI.
 *
 * The result is written as .NET's `Uri.AbsoluteUri` does: `%2D` is `-`, `café` is `caf%C3%A9`, `%2F` and a
 * backslash are slashes. Routes are found by segments, in either case and without empty ones. `.` and `..`, which
 * .NET resolves, are refused, so that one route has one spelling.
 *
 * @throws {NetTcpError} `Usage`, saying what is wrong with it
 */
export function parseAddress(text: string): EndpointAddress {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const address = readAddress(text);
  if (recent.size >= MAX_RECENT) recent.clear();
  recent.set(text, address);
  return address;
}

function readAddress(text: string): EndpointAddress {
  const match = URI.exec(text);
  if (match === null) throw malformed(text, 'it must look like net.tcp://host:port/path');
  const [, v6, name = '', portText, written = ''] = match;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (port > 65_535) throw malformed(text, 'a port is a number from 1 to 65535');
  if (NEVER.test(written)) throw malformed(text, 'its path has a character that cannot be shown');
  const path = PLAIN.test(written) ? written : normalPath(written);
  return assemble(v6 ?? name, port, path, (segment) =>
    malformed(text, `"${segment}" cannot be a part of its path`),
  );
}

/** A path as .NET writes it. */
function normalPath(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25')
    .replaceAll(/%[0-7][0-9A-Fa-f]/g, asciiOf)
    .replaceAll(/(?:%[89A-Fa-f][0-9A-Fa-f])+/g, utf8Of)
    .replaceAll(/[^A-Za-z0-9\-._~!$&'()*+,;=:@[\]/%]+/g, encodeURIComponent);
}

/** The character of an escape, if it need not be escaped. */
function asciiOf(escape: string): string {
  const character = decodeURIComponent(escape);
  if (character === '/' || character === '\\') return '/';
  return /[\w\-.~]/.test(character) ? character : escape;
}

function utf8Of(escapes: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(escapes));
  } catch {
    return escapes;
  }
}

/**
 * {@link parseAddress} for an endpoint that a person wants to call: it has a port, and nothing that would be
 * dropped.
 *
 * @throws {NetTcpError} `Usage`, saying what is wrong with it
 */
export function parseAddressToCall(text: string): EndpointAddress {
  const address = parseAddress(text);
  if (address.port === 0) throw malformed(text, 'a port is a number from 1 to 65535');
  if (/[?#]/.test(text)) throw malformed(text, 'it has neither query nor fragment');
  return address;
}

/** An IPv6 address without its brackets, if it has any; any other text unchanged. */
export function unbracketed(host: string): string {
  return /^\[([^[\]]*:[^[\]]*)\]$/.exec(host)?.[1] ?? host;
}

/** Puts an address together. @param segments as {@link parseAddress} returns them */
export function makeAddress(
  host: string,
  port: number,
  segments: readonly string[],
): EndpointAddress {
  return assemble(host, port, `/${segments.join('/')}`);
}

function assemble(
  host: string,
  port: number,
  path: string,
  refusal?: (segment: string) => NetTcpError,
): EndpointAddress {
  const segments = path.split('/').filter((segment) => segment !== '');
  const dots = segments.find((segment) => segment === '.' || segment === '..');
  if (dots !== undefined && refusal !== undefined) throw refusal(dots);
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const shownPort = port === DEFAULT_PORT ? '' : `:${port}`;
  return { uri: `${SCHEME}${shownHost}${shownPort}${path || '/'}`, host, port, segments };
}

/** The path of an address, from its first slash on. */
export function pathOf({ uri }: EndpointAddress): string {
  return uri.slice(uri.indexOf('/', SCHEME.length));
}

/** The same endpoint on another port: for services that let the kernel choose. */
export function atPort(address: EndpointAddress, port: number): EndpointAddress {
  return assemble(address.host, port, pathOf(address));
}

/** The form in which segments are compared: routes ignore case, in ASCII only, as segments have nothing else. */
export function segmentKey(segment: string): string {
  return segment.toLowerCase();
}

/** An IP endpoint as it is shown: `host:port`, with brackets around IPv6. */
export function showEndpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the host of an address is an IP address, not a name. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
}

/** Where clients reach a service with a given `bind` option. */
export interface Reach {
  /**
   * Hosts to write into an address: `bind` itself; for a wildcard at most two addresses of this machine, one of
   * each family, preferably those that other machines reach.
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

/**
 * Whether a text is an IP address, as `isIP` of Node says. Names and the usual addresses are known without its
 * pattern of IPv6 addresses, which takes two milliseconds to compile.
 */
export function isIpAddress(text: string): boolean {
  return text.includes(':') ? text === '::1' || isIPv6(text) : isIPv4(text);
}

/** Whether an IP address is a loopback address. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function malformed(text: string, why: string): NetTcpError {
  return new NetTcpError('Usage', `"${printable(text)}" is not a net.tcp address: ${why}.`);
}
