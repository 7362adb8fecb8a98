import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { actionNotSupported, failure, type Fault } from './faults.ts';
import { EndOfOctets, OctetReader, size, sizedText } from './octets.ts';
import { endText, envelope, find, readXml, splitTable, tag, type Value } from './xml.ts';

/**
 * A net.tcp service by the book: it answers with the bytes of WCF's captures (wire reference 1.7, 4.3, 4.5)
 * and knows the calls of the failure scenarios, no more. What a real WCF client reports when this service
 * answers is the reference that the product's service is compared with.
 */
interface BookService {
  /** Such as `net.tcp://localhost:PORT/interop`. */
  readonly address: string;
  /** TCP connections that were accepted until now. */
  readonly connections: () => number;
  /** Ends as WCF does when it is closed: an End record to every session, then the connections. */
  stop(): Promise<void>;
  /** Ends as a process that is killed: the connections are gone. */
  kill(): Promise<void>;
}

interface BookOptions {
  /** Each path has a service of its own at `/calculator` and `/echo` below it. Default `/interop`. */
  readonly paths?: readonly string[];
  readonly details?: boolean;
  /** Milliseconds without a message after which a session is aborted. */
  readonly receiveTimeoutMs?: number;
  /** Largest envelope, bytes. Default 65536, as in WCF. */
  readonly maxMessage?: number;
}

const FRAMING_FAULT = 'http://schemas.microsoft.com/ws/2006/05/framing/faults/';
const CALCULATOR = 'http://Microsoft.Samples.PortSharing';
const ECHO = 'http://example.org/echo';
const PATHS = ['/interop'];

interface Outcome {
  readonly body?: Buffer;
  readonly fault?: Fault;
  readonly delayMs?: number;
}

export async function startBookService(options: BookOptions = {}): Promise<BookService> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    connections++;
    socket.on('close', () => sockets.delete(socket));
    serve(socket, options).catch((error: unknown) => {
      socket.destroy();
      if (!(error instanceof EndOfOctets)) console.error(error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const end = async (each: (socket: Socket) => void): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) each(socket);
    await closed;
  };
  return {
    address: `net.tcp://localhost:${port}${options.paths?.[0] ?? '/interop'}`,
    connections: () => connections,
    stop: () =>
      end((socket) => {
        socket.end(Buffer.from([0x07]));
        // The answer to the End is not waited for longer than that.
        setTimeout(() => socket.destroy(), 500).unref();
      }),
    kill: () => end((socket) => socket.destroy()),
  };
}

async function serve(socket: Socket, options: BookOptions): Promise<void> {
  const reader = new OctetReader(socket);
  // A connection carries sessions one after another, each with its own preamble.
  while (await serveSession(socket, reader, options));
}

/** @returns whether another session may follow */
async function serveSession(
  socket: Socket,
  reader: OctetReader,
  options: BookOptions,
): Promise<boolean> {
  await reader.take(4);
  const isStreamed = (await reader.octet()) === 1;
  await reader.take(1);
  const path = new URL((await reader.sized()).toString()).pathname;
  await reader.take(2);
  const isKnown = (options.paths ?? PATHS).some(
    (known) => path === `${known}/calculator` || path === `${known}/echo`,
  );
  if (!isKnown) return sendFramingFault(socket, reader, 'EndpointNotFound');
  await reader.take(1);
  socket.write(Buffer.from([0x0b]));

  const strings = new Map<number, string>();
  if (options.receiveTimeoutMs !== undefined) {
    socket.setTimeout(options.receiveTimeoutMs, () => socket.resetAndDestroy());
  }
  for (let isFirst = true; ; isFirst = false) {
    const record = await reader.octet();
    if (record === 0x07) {
      if (!isStreamed) socket.write(Buffer.from([0x07]));
      // Between sessions another time limit holds, of minutes.
      socket.setTimeout(0);
      return true;
    }
    const payload = isStreamed ? await readChunks(reader) : await readEnvelope(reader, options);
    if (payload === undefined) {
      return sendFramingFault(socket, reader, 'MaxMessageSizeExceededFault');
    }
    await answer(payload, isFirst);
  }

  async function answer(payload: Buffer, isFirst: boolean): Promise<void> {
    const { strings: added, xml } = isStreamed
      ? { strings: [], xml: payload }
      : splitTable(payload);
    for (const text of added) strings.set(strings.size * 2 + 1, text);
    const request = readXml(xml, strings);
    const action = String(find(request, '#8', '#a')?.values[0]);
    const relatesTo = find(request, '#8', '#1a')?.values[0];
    const body = find(request, '#e')?.children[0];
    const value = (name: string): Value => find(body ?? request, name)?.values[0] ?? '';
    const outcome = call(action, path, value, options.details === true) ?? {
      fault: actionNotSupported(action, isFirst),
    };
    const { fault, delayMs } = outcome;
    // Only a request with an id can be answered; the others are one-way.
    if (!Buffer.isBuffer(relatesTo)) return;
    const reply = envelope({
      session: !isStreamed,
      action: fault?.action ?? `${action}Response`,
      relatesTo,
      body: fault?.body ?? outcome.body ?? Buffer.alloc(0),
    });
    const framed = isStreamed
      ? [Buffer.from([0x05]), size(reply.length), reply, Buffer.from([0x00, 0x07])]
      : [Buffer.from([0x06]), size(reply.length), reply];
    if (fault?.ends === true && !isStreamed) framed.push(Buffer.from([0x07]));
    const send = (): void => void socket.write(Buffer.concat(framed));
    if (delayMs === undefined) send();
    else setTimeout(send, delayMs).unref();
  }
}

function call(
  action: string,
  path: string,
  value: (name: string) => Value,
  details: boolean,
): Outcome | undefined {
  const operation = action.slice(action.lastIndexOf('/') + 1);
  const isCalculator = action === `${CALCULATOR}/ICalculator/${operation}`;
  if (!isCalculator && action !== `${ECHO}/IEcho/${operation}`) return undefined;
  const give = (result: string | number): Outcome => ({
    body: tag(
      `${operation}Response`,
      isCalculator ? CALCULATOR : ECHO,
      Buffer.concat([tag(`${operation}Result`, undefined, endText(result)), Buffer.from([0x01])]),
    ),
  });
  const n1 = Number(value('n1'));
  const n2 = Number(value('n2'));
  switch (operation) {
    case 'Add':
      return give(n1 + n2);
    case 'Subtract':
      return give(n1 - n2);
    case 'Multiply':
      return give(n1 * n2);
    case 'Divide':
      return give(n1 / n2);
    case 'Echo':
      return give(String(value('text')));
    case 'Fill':
      return give('x'.repeat(Number(value('length'))));
    case 'WhoAmI':
      return give(path);
    case 'Slow':
      return { ...give(String(value('milliseconds'))), delayMs: Number(value('milliseconds')) };
    case 'Fail': {
      const kind = String(value('kind'));
      const fault = failure(kind, details);
      return fault === undefined ? give(kind) : { fault };
    }
    default:
      return undefined;
  }
}

/** @returns nothing when it is too large */
async function readEnvelope(
  reader: OctetReader,
  options: BookOptions,
): Promise<Buffer | undefined> {
  const length = await reader.size();
  return length > (options.maxMessage ?? 65536) ? undefined : reader.take(length);
}

async function readChunks(reader: OctetReader): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let length = await reader.size(); length > 0; length = await reader.size()) {
    chunks.push(await reader.take(length));
  }
  return Buffer.concat(chunks);
}

/** Sends the fault, ends its half, and reads what still comes: a reset could swallow the fault. */
async function sendFramingFault(socket: Socket, reader: OctetReader, name: string): Promise<false> {
  socket.end(Buffer.concat([Buffer.from([0x08]), sizedText(FRAMING_FAULT + name)]));
  await reader.take(1_000_000).catch(() => undefined);
  socket.destroy();
  return false;
}
