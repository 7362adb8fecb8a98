import { BlockList, isIP } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import { quoted } from '../../printable.ts';

type Family = 'ipv4' | 'ipv6';

/**
 * Fronts (load balancers) that are trusted: what they send first of a connection is a header of the PROXY protocol,
 * and the client's address in it counts. From anybody else it is never read.
 */
export class Fronts {
  /** Nobody is trusted. */
  static readonly none = new Fronts(new BlockList(), []);
  readonly #list: BlockList;
  /** As they were written. */
  readonly texts: readonly string[];

  private constructor(list: BlockList, texts: readonly string[]) {
    this.#list = list;
    this.texts = texts;
  }

  /**
   * Reads fronts as a command line or the environment writes them.
   *
   * @param text `10.0.0.2,2001:db8::/64`; without bits a single address. As everywhere, bits beyond them do not count
   * @throws {NetTcpError} `Usage`, saying what is wrong
   */
  static parse(text: string): Fronts {
    const written = text.split(',').map((one) => one.trim());
    const some = written.filter((one) => one !== '');
    if (some.length === 0) return Fronts.none;
    const list = new BlockList();
    for (const one of some) add(list, one);
    return new Fronts(list, some);
  }

  /** Whether a socket's peer is one of them. */
  has(socket: { readonly remoteAddress?: string | undefined }): boolean {
    if (this.texts.length === 0) return false; // to ask for the address is a system call
    const [plain = ''] = (socket.remoteAddress ?? '').split('%');
    const family = familyOf(plain);
    return family !== undefined && this.#list.check(plain, family);
  }
}

function add(list: BlockList, text: string): void {
  const [address = '', bits, ...rest] = text.split('/');
  const family = familyOf(address);
  if (family === undefined || address.includes('%') || rest.length > 0) {
    throw wrong(text, 'it must look like 10.0.0.2/32 or 2001:db8::/64');
  }
  const most = family === 'ipv4' ? 32 : 128;
  const count = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (!(count <= most)) throw wrong(text, `after the slash comes a number from 0 to ${most}`);
  list.addSubnet(address, count, family);
}

function familyOf(address: string): Family | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

function wrong(text: string, why: string): NetTcpError {
  return new NetTcpError('Usage', `${quoted(text)} cannot be trusted as a front: ${why}.`);
}
