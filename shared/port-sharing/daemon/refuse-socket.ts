import type { Socket } from 'node:net';
import { writeFault } from '../../framing/encoder.ts';
import type { FramingFault } from '../../framing/faults.ts';
import type { Limits } from '../../limits.ts';
import { Connection } from '../../transport/connection.ts';
import type { ConnectionHandler } from '../../transport/socket-owner.ts';

/** Answers a client with a fault, and closes its socket, from which nobody reads any more. */
export function refuseSocket(socket: Socket, fault: FramingFault, limits: Limits): void {
  const nobody: ConnectionHandler = { onOctets() {}, onEnd() {}, onClose() {} };
  tellAndClose(new Connection(socket, nobody), fault, limits);
}

/** Answers with a fault, and closes. */
export function tellAndClose(connection: Connection, fault: FramingFault, limits: Limits): void {
  writeFault(connection.writer(), fault);
  connection.closeDraining(limits);
}
