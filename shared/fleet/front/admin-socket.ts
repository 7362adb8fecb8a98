import { connect, type Socket } from 'node:net';
import { messageOf, NetTcpError, systemCode } from '../../errors.ts';
import { printable } from '../../printable.ts';

/** What ends an answer where commands are typed. */
const PROMPT = '\n> ';
/** The largest answer is a map of a million paths. */
const MAX_ANSWER_CHARS = 536_870_911;
/** A command takes milliseconds; to write out a map of a million paths takes seconds. */
const ANSWER_TIMEOUT_MS = 30_000;
/** HAProxy reads what belongs to a command into one buffer, of 16 KiB unless it is set otherwise. */
const MAX_PAYLOAD_CHARS = 12_000;

/** Somebody who has given a command. */
interface Waiting {
  resolve(answer: string): void;
  reject(error: NetTcpError): void;
}

/** HAProxy's admin socket. Commands may be given before those before them are answered: it takes them in turn. */
export class AdminSocket {
  readonly #socket: Socket;
  readonly #file: string;
  /** What has come of an answer, how many characters that are, and the last ones: a prompt may come in two pieces. */
  #parts: string[] = [];
  #size = 0;
  #tail = '';
  #waiting: Waiting[] = [];
  #failure: NetTcpError | undefined;

  /** @throws {NetTcpError} `Communication` if nobody listens there */
  static async open(file: string): Promise<AdminSocket> {
    const socket = connect(file);
    const admin = new AdminSocket(socket, file);
    await admin.ask('prompt');
    return admin;
  }

  private constructor(socket: Socket, file: string) {
    this.#socket = socket;
    this.#file = file;
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => this.#fail('it does not answer'));
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => this.#fail(systemCode(error) ?? messageOf(error)));
    socket.on('close', () => this.#fail('it has closed the connection'));
  }

  /**
   * Gives a command.
   *
   * @returns what HAProxy says to it, without blanks around
   * @throws {NetTcpError} `Communication` if it has gone
   */
  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`${command}\n`);
    });
  }

  /**
   * Gives a command that says nothing if it was done.
   *
   * @param isDone what else it may say
   * @throws {NetTcpError} `Communication` if it says something else
   */
  async order(command: string, isDone?: RegExp): Promise<void> {
    const said = await this.ask(command);
    if (said === '' || isDone?.test(said) === true) return;
    const [words] = command.split('\n', 1);
    throw new NetTcpError(
      'Communication',
      `HAProxy at ${this.#file} refuses "${printable(words ?? '')}": ${printable(said)}`,
    );
  }

  /** Gives a command with lines after it, as many times as they need. */
  async orderLines(command: string, lines: Iterable<string>): Promise<void> {
    let payload = '';
    for (const line of lines) {
      if (payload.length + line.length > MAX_PAYLOAD_CHARS && payload !== '') {
        await this.order(`${command} <<\n${payload}`);
        payload = '';
      }
      payload += `${line}\n`;
    }
    if (payload !== '') await this.order(`${command} <<\n${payload}`);
  }

  close(): void {
    this.#failure ??= new NetTcpError('Communication', 'The connection to HAProxy is closed.');
    this.#socket.destroy();
  }

  #take(text: string): void {
    let rest = text;
    for (;;) {
      const at = `${this.#tail}${rest}`.indexOf(PROMPT) - this.#tail.length;
      this.#parts.push(rest);
      if (at < -this.#tail.length) break;
      const end = this.#size + at;
      const all = this.#parts.join('');
      this.#parts = [];
      this.#size = 0;
      this.#tail = '';
      // Each line of a payload is asked for with a prompt of its own.
      const answer = all.slice(0, end).replace(/^(?:[+>] )+/, '');
      this.#waiting.shift()?.resolve(answer.trim());
      rest = all.slice(end + PROMPT.length);
    }
    this.#size += rest.length;
    this.#tail = `${this.#tail}${rest}`.slice(1 - PROMPT.length);
    if (this.#size > MAX_ANSWER_CHARS) this.#fail('its answer has no end');
  }

  #fail(why: string): void {
    const text = `HAProxy cannot be reached at ${this.#file}: ${printable(why)}.`;
    this.#failure ??= new NetTcpError('Communication', text);
    this.#socket.destroy();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.reject(this.#failure);
  }
}

/** A word of a command: what would end it is escaped. */
export function word(text: string): string {
  return text.replaceAll(/[\\;\s]/g, String.raw`\$&`);
}
