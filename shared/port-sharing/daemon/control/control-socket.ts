import { chmodSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf, NetTcpError } from '../../../errors.ts';
import { ignoreError } from '../../../transport/connection.ts';
import { type Paths, secureRunDirectory } from '../../machine/paths.ts';

/** The control socket as a file: a name in the run directory that leads to this daemon, and to no other. */
export class ControlSocket {
  readonly #paths: Paths;
  readonly #onConnection: (socket: Socket) => void;
  #server: Server | undefined;
  #inode = 0n;

  constructor(paths: Paths, onConnection: (socket: Socket) => void) {
    this.#paths = paths;
    this.#onConnection = onConnection;
  }

  /** Makes the control socket with its name; again, if the name was removed. See {@link bind}. */
  async listen(): Promise<void> {
    await this.bind();
    this.claimName();
  }

  /**
   * Makes the control socket, under a name that nobody looks for.
   *
   * It gets its real name by `rename`, so that it replaces what a dead daemon left. Node removes the name that it
   * bound when a server is closed: thus it never removes the name of another daemon's socket.
   *
   * @throws {NetTcpError} `Communication` when the directory is not safe, or the socket cannot be made
   */
  async bind(): Promise<void> {
    const paths = this.#paths;
    secureRunDirectory(paths);
    const isPipe = process.platform === 'win32';
    const temporary = this.#temporaryName();
    this.#server?.close(); // first: it removes the name that it once bound
    if (!isPipe) removeIfThere(temporary);
    const server = createServer({ allowHalfOpen: true }, this.#onConnection);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        const text = `The control socket ${paths.controlSocket} cannot be made: ${messageOf(cause)}.`;
        reject(new NetTcpError('Communication', text, { cause }));
      });
      server.listen(temporary, resolve);
    });
    server.removeAllListeners('error').on('error', ignoreError);
    this.#server = server;
    if (!isPipe) chmodSync(temporary, 0o600);
  }

  /** Gives the control socket its name: from now on, callers find this daemon and no other. */
  claimName(): void {
    const { controlSocket } = this.#paths;
    if (process.platform === 'win32') return;
    renameSync(this.#temporaryName(), controlSocket);
    this.#inode = inodeOf(controlSocket);
  }

  #temporaryName(): string {
    const { controlSocket } = this.#paths;
    return process.platform === 'win32' ? controlSocket : `${controlSocket}.${process.pid}`;
  }

  /** Whether the name leads here, was removed, or is another daemon's. */
  leads(): 'ours' | 'missing' | 'replaced' {
    if (process.platform === 'win32') return 'ours';
    const inode = inodeOf(this.#paths.controlSocket);
    return inode === this.#inode ? 'ours' : inode === 0n ? 'missing' : 'replaced';
  }

  /** Takes no more connections, and removes the name if it is ours. */
  close(): void {
    if (process.platform !== 'win32' && this.leads() === 'ours') {
      removeIfThere(this.#paths.controlSocket);
    }
    this.#server?.close();
  }
}

function inodeOf(file: string): bigint {
  return lstatSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was not there.
  }
}
