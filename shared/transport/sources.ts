import { watchFile, unwatchFile } from 'node:fs';
import { messageOf, NetTcpError } from '../errors.ts';
import { quoted } from '../printable.ts';
import { readFileUpTo } from '../read-file.ts';
import { MAX_CREDENTIAL_BYTES, type Source } from '../security/credentials.ts';

/** The content of each source; `undefined` where there is none. */
export type Contents<N extends string> = Readonly<Record<N, Buffer | undefined>>;

/** Time between two looks at the files. Polling also sees changed symbolic links, as Kubernetes makes them. */
const LOOK_MS = 1_000;

/**
 * A value made of credentials, and made anew when one of their files has changed. If that fails, the old value
 * stays. Files that belong together change one by one: a failure counts if it is still there at the next look.
 */
export class Reloaded<N extends string, T> {
  readonly #sources: Readonly<Record<N, Source | undefined>>;
  readonly #make: (contents: Contents<N>) => T;
  readonly #onNotice: (text: string) => void;
  readonly #paths: readonly string[];
  #current: T | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(
    sources: Readonly<Record<N, Source | undefined>>,
    make: (contents: Contents<N>) => T,
    onNotice: (text: string) => void,
  ) {
    this.#sources = sources;
    this.#make = make;
    this.#onNotice = onNotice;
    this.#paths = Object.values<Source | undefined>(sources).filter(
      (source) => typeof source === 'string',
    );
  }

  /**
   * @param make throws if the contents are of no use
   * @param onNotice told that new files are in use, or cannot be used
   * @throws {NetTcpError} `Usage` naming the file that cannot be read, or what `make` throws
   */
  static async load<N extends string, T>(
    sources: Readonly<Record<N, Source | undefined>>,
    make: (contents: Contents<N>) => T,
    onNotice: (text: string) => void,
  ): Promise<Reloaded<N, T>> {
    const reloaded = new Reloaded(sources, make, onNotice);
    // Watched before they are read: a change in between is seen at the next look. Any number of hosts and
    // factories may use one file: Node would warn of the eleventh.
    for (const path of reloaded.#paths) {
      const options = { interval: LOOK_MS, persistent: false };
      watchFile(path, options, reloaded.#onChange).setMaxListeners(0);
    }
    try {
      await reloaded.#read();
    } catch (error) {
      reloaded.close();
      throw error;
    }
    return reloaded;
  }

  /** What was made last. */
  get current(): T {
    if (this.#current === undefined) throw new NetTcpError('Internal', 'nothing was read yet');
    return this.#current;
  }

  /** Stops watching the files. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    for (const path of this.#paths) unwatchFile(path, this.#onChange);
  }

  readonly #onChange = (): void => void this.#reload(false);

  async #reload(isSecond: boolean): Promise<void> {
    clearTimeout(this.#retry);
    if (this.#isClosed) return;
    try {
      await this.#read();
      this.#onNotice(
        `Credentials were read again, because a file has changed: ${this.#paths.join(', ')}.`,
      );
    } catch (error) {
      if (isSecond) return this.#onNotice(`${messageOf(error)} What was read before stays in use.`);
      this.#retry = setTimeout(() => void this.#reload(true), LOOK_MS).unref();
    }
  }

  async #read(): Promise<void> {
    const names = Object.keys(this.#sources) as N[];
    const contents: Partial<Record<N, Buffer | undefined>> = {};
    for (const name of names) contents[name] = await read(name, this.#sources[name]);
    try {
      this.#current = this.#make(contents as Contents<N>);
    } catch (error) {
      if (error instanceof NetTcpError) throw error;
      const given = names.filter((name) => this.#sources[name] !== undefined);
      const all = given.map((name) => nameSource(name, this.#sources[name])).join(', ');
      // OpenSSL does not say which file.
      const text = `One of ${all} cannot be used: ${messageOf(error)}.`;
      throw new NetTcpError('Usage', text, { cause: error });
    }
  }
}

/**
 * A credential in a sentence. Command lines write their option in place of `credentials.NAME`.
 *
 * @param name as in `credentials`
 */
export function nameSource(name: string, source: Source | undefined): string {
  const property = `credentials.${name}`;
  return typeof source === 'string' ? `${quoted(source)} (${property})` : property;
}

async function read(name: string, source: Source | undefined): Promise<Buffer | undefined> {
  if (source === undefined) return undefined;
  if (typeof source !== 'string') return Buffer.from(source);
  try {
    return await readFileUpTo(source, MAX_CREDENTIAL_BYTES);
  } catch (cause) {
    const text = `${nameSource(name, source)} cannot be read: ${messageOf(cause)}. It has to be the path of a file.`;
    throw new NetTcpError('Usage', text, { cause });
  }
}
