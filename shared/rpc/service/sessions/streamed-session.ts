import type { Contract } from '../../../contract/contract.ts';
import { type StreamPlace, streamPlace } from '../../../contract/message.ts';
import type { Admit, Request } from '../../../encoding/encoding.ts';
import {
  ArrivingMessage,
  type MessageTaker,
  type StreamTaker,
} from '../../../encoding/streams/arriving-message.ts';
import { NetTcpError } from '../../../errors.ts';
import { endFirstChunk } from '../../../framing/encoder.ts';
import type { FramingFault } from '../../../framing/faults.ts';
import type { EnvelopePart } from '../../../framing/records.ts';
import type { OctetWriter } from '../../../octets.ts';
import type { Connection } from '../../../transport/connection.ts';
import type { Sender } from '../../../transport/upgrade.ts';
import { CallerContext } from '../../dispatch/caller-context.ts';
import { IncomingStream, type StreamOwner } from '../../streams/incoming-stream.ts';
import { OutgoingStream } from '../../streams/outgoing-stream.ts';
import { checkStream } from '../../streams/whole-stream.ts';
import type { RouteToEndpoint } from '../endpoint-table.ts';
import { ServiceSession, type SessionOwner } from '../service-session.ts';

const NOTHING = new Uint8Array(0);
const PLACES = new WeakMap<Contract, ReadonlySet<StreamPlace>>();

/** Where streams may begin in requests of a contract. */
function placesOf(contract: Contract): ReadonlySet<StreamPlace> {
  const known = PLACES.get(contract);
  if (known !== undefined) return known;
  const taking = [...contract.operations.values()].filter(({ streamsRequest }) => streamsRequest);
  const places = new Set(taking.map(({ request }) => streamPlace(request)));
  PLACES.set(contract, places);
  return places;
}

/** Makes sessions of streamed mode for an endpoint with streams. */
export function streamedSession(
  route: RouteToEndpoint,
  via: string,
  sender: Sender,
  connection: Connection,
  owner: SessionOwner,
): ServiceSession {
  const context = new CallerContext(via, sender, connection.socket);
  return new StreamedSession(route, context, sender, connection, owner);
}

/** A session in streamed mode whose request, or its answer, may have a stream in it. */
class StreamedSession extends ServiceSession implements MessageTaker, StreamOwner {
  /** A request of which more is due. */
  #arriving: ArrivingMessage | undefined;
  /** The stream in it. */
  #request: IncomingStream | undefined;
  #sending: OutgoingStream | undefined;
  #isClosing = false;

  override get takesParts(): boolean {
    return true;
  }

  override get isFull(): boolean {
    return super.isFull || this.#mustWait;
  }

  override get isArriving(): boolean {
    return this.#arriving !== undefined && !this.#mustWait;
  }

  override get heldBytes(): number {
    return (this.#arriving?.heldBytes ?? 0) + (this.#request?.readableLength ?? 0);
  }

  /** The method does not want more of its stream just now, or not at all. */
  get #mustWait(): boolean {
    const request = this.#request;
    return request !== undefined && !request.isWhole && (request.isFull || request.destroyed);
  }

  override deliverPart({ bytes, start, end, isLast }: EnvelopePart, isClosing: boolean): void {
    this.#isClosing = isClosing;
    const arriving = (this.#arriving ??= new ArrivingMessage(
      this.limits,
      this,
      placesOf(this.endpoint.contract),
    ));
    if (isLast) {
      this.#arriving = undefined;
      return arriving.end();
    }
    arriving.push(bytes, start, end);
    if (this.#mustWait) this.connection.pause();
  }

  onHead(bytes: Uint8Array, end: number, place: StreamPlace): StreamTaker | undefined {
    const stream = new IncomingStream(this);
    this.#request = stream;
    const { guard } = this.endpoint;
    let isTaken = false;
    const read = (admit?: Admit): Request | undefined => {
      const request = this.codec.readRequestHead?.(bytes, end, place, stream, admit);
      isTaken = request !== undefined;
      return request;
    };
    if (this.#isClosing) this.refuseClosing(read());
    else if (guard === undefined) this.take(read());
    else this.takeGuarded(guard, read);
    if (!isTaken) {
      this.#request = undefined;
      return undefined;
    }
    if (this.running === 0) this.owner.step({ on: 'cut' });
    return stream;
  }

  onWhole(bytes: Uint8Array, end: number): void {
    this.deliver(bytes, 0, end, this.#isClosing);
  }

  onWanted(): void {
    this.connection.resume();
    this.owner.onDrain();
  }

  onDropped(): void {
    this.connection.pause();
  }

  override callerGone(cause?: Error): void {
    super.callerGone(cause);
    this.#request?.fail(toTyped(cause));
    if (!this.connection.isOpen) this.#sending?.stop();
  }

  override refuse(fault: FramingFault, error: NetTcpError): void {
    this.#request?.refuse(error);
    if (this.#sending === undefined) return super.refuse(fault, error);
    this.connection.destroy(error); // in the middle of an answer no other can begin
  }

  override over(): void {
    super.over();
    if (this.#sending?.isSent === false) this.connection.reset();
  }

  protected override isCallersFault(error: unknown): boolean {
    return (
      super.isCallersFault(error) || (error instanceof Error && error === this.#request?.errored)
    );
  }

  protected override onCallDone(): void {
    // Nobody reads the rest of the request.
    if (this.#arriving !== undefined && this.running === 0) this.owner.step({ on: 'cut' });
    super.onCallDone();
  }

  /** As it comes. Where it breaks off, so does the connection: nothing else tells the caller that it is not whole. */
  protected override async sendStream(
    value: unknown,
    place: StreamPlace,
    write: (out: OctetWriter, bytes: Uint8Array) => void,
  ): Promise<void> {
    const source = checkStream(value);
    const out = this.begin();
    if (out === undefined) return void source.destroy();
    try {
      write(out, NOTHING);
    } catch (error) {
      source.destroy();
      throw error;
    }
    out.length -= place.depth;
    endFirstChunk(out);
    this.#sending = new OutgoingStream(source, this.connection, place);
    try {
      await this.#sending.send();
    } catch (error) {
      this.connection.reset(error instanceof Error ? error : undefined);
      throw error;
    }
  }
}

function toTyped(cause: Error | undefined): NetTcpError {
  if (cause instanceof NetTcpError) return cause;
  const text = `The caller's connection ended in the middle of the stream${cause === undefined ? '' : `: ${cause.message}`}.`;
  return new NetTcpError('Communication', text, { cause });
}
