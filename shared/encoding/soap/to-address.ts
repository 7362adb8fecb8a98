import { type EndpointAddress, parseAddress, pathOf } from '../../address.ts';

/**
 * Whether messages are addressed to an endpoint, as WCF's EndpointAddressMessageFilter decides it:
 * the same scheme and port, the same path apart from escapes, case and a slash at its end, whatever the host
 * (a name resolves to many addresses, and none of them need be known here).
 */
export class ToFilter {
  readonly #own: string;
  /** The last `To` that was right: the same string comes with every message of a session. */
  #known: string;

  /** @param address the endpoint's, such as `net.tcp://localhost:9000/calculator/4381` */
  constructor(address: string) {
    this.#own = address;
    this.#known = address;
  }

  accepts(to: string | undefined): boolean {
    if (to === this.#known) return true;
    const normal = to === undefined ? undefined : normalize(to);
    if (to === undefined || normal === undefined || normal !== normalize(this.#own)) return false;
    this.#known = to;
    return true;
  }
}

function normalize(text: string): string | undefined {
  let address: EndpointAddress;
  try {
    address = parseAddress(text);
  } catch {
    return undefined;
  }
  const path = unescape(pathOf(address)).replace(/\/$/, '');
  return `${address.port}${Array.from(path, upper).join('')}`;
}

/** .NET's OrdinalIgnoreCase: one character for one, so that `ß` is no `SS`. */
function upper(character: string): string {
  const text = character.toUpperCase();
  return text.length === character.length ? text : character;
}

function unescape(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
