import type { Server } from 'node:net';
import { descriptorOf } from '../../transport/node-internals.ts';
import { loadNative, type Native } from './native.ts';

/**
 * Bytes of the largest TCP segment on connections that a listening socket accepts. It only matters on loopback,
 * whose segments have 65,483 bytes: networks have smaller ones.
 *
 * A peer that reads in small pieces, as .NET's client does, opens its window by less than such a segment. Then the
 * kernel sends nothing until its timer of 200 ms fires, 16 KiB each time: 600 KB took 7.5 s. With segments of this
 * size they take 0.3 s; with 24,576 it is as slow as before, 8,192 is no better. Connections that this side dials
 * go without: Node cannot set it before a connection exists, which it takes.
 */
export const SEGMENT_BYTES = 16_384;

/** Makes a listening socket accept connections with segments of {@link SEGMENT_BYTES}, if there is libc. */
export function limitSegments(server: Server, native: Native | undefined): void {
  const descriptor = descriptorOf(server);
  if (descriptor !== undefined) native?.limitSegments(descriptor, SEGMENT_BYTES);
}

// The service first says that it listens: loading koffi takes a moment.
const LATER_MS = 50;

/** As {@link limitSegments}, a moment later, in a process that has not loaded libc. */
export function limitSegmentsSoon(servers: readonly Server[]): void {
  const limit = async (): Promise<void> => {
    const native = await loadNative().catch(() => undefined);
    for (const server of servers) limitSegments(server, native);
  };
  setTimeout(() => void limit(), LATER_MS).unref();
}
