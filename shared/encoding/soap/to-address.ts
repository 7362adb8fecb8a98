import { type EndpointAddress, parseAddress, pathOf } from '../../address.ts';

/**
 * Decides as WCF's EndpointAddressMessageFilter whether a message is addressed to an endpoint: it needs the
 * same scheme and port, and the same path apart from escapes, case and a slash at its end. The host does not
 * matter: a name resolves to many addresses, none of which need be known here.
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

/** .NET's OrdinalIgnoreCase: one character for one, so that `ß` does not become `SS`. */
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
