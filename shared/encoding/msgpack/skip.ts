import * as format from './formats.ts';
import { malformed, type OctetReader } from './octet-reader.ts';

/**
 * Passes over one value of any kind, extensions included, and checks its form on the way.
 * Keeps its own stack: what is nested deep costs memory up to `maxDepth`, never the call stack.
 *
 * @param depth arrays and maps that are open around the value
 * @throws {NetTcpError} `Protocol` when it is cut short, nested too deep or contains 0xc1
 */
export function skip(reader: OctetReader, depth: number): void {
  const dueOutside: number[] = []; // values still to come in each open container, outermost first
  let due = 1;
  for (;;) {
    while (due === 0) {
      const outer = dueOutside.pop();
      if (outer === undefined) return;
      due = outer;
    }
    due -= 1;
    const inside = skipHead(reader);
    if (inside < 0) continue;
    dueOutside.push(due);
    checkDepth(reader, depth + dueOutside.length);
    due = inside;
  }
}

/** @throws {NetTcpError} `Protocol` when `depth` arrays and maps in each other are too many */
export function checkDepth(reader: OctetReader, depth: number): void {
  if (depth > reader.maxDepth) throw malformed(`is nested deeper than ${reader.maxDepth}`);
}

/** Passes over a scalar, or over a container's head. @returns values in the container; −1: a scalar */
function skipHead(reader: OctetReader): number {
  const octet = reader.peek();
  if (octet < format.FIXMAP || octet >= format.NEGATIVE_FIXINT) return pass(reader, 1);
  if (octet >= format.FLOAT32 && octet <= format.INT64) {
    return pass(reader, 1 + format.numberWidth(octet));
  }
  const elements = reader.arrayHead();
  if (elements >= 0) return elements;
  const pairs = reader.mapHead();
  if (pairs >= 0) return 2 * pairs;
  let octets = reader.stringHead();
  if (octets < 0) octets = reader.binaryHead();
  if (octets < 0) octets = reader.extensionHead();
  if (octets >= 0) return pass(reader, octets);
  if (octet === format.NEVER_USED) throw malformed('contains 0xc1, which MessagePack never uses');
  return pass(reader, 1); // nil, false and true
}

function pass(reader: OctetReader, octets: number): -1 {
  reader.need(octets);
  reader.at += octets;
  return -1;
}
