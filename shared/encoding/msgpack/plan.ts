import type { Contract, Operation } from '../../contract/contract.ts';
import { soapOnly } from '../../contract/message.ts';
import type { Field, ObjectShape } from '../../contract/types/types.ts';
import { OctetWriter } from '../../octets.ts';
import { type OctetReader, skip } from './octet-reader.ts';
import { writeString } from './write-octets.ts';

/** What a contract's messages have in common, worked out once for all sessions. */
export interface Plan {
  readonly byName: NameTable<Operation>;
  /** Names that several operations have, which is possible at an address with several contracts. */
  readonly ambiguous: ReadonlySet<string>;
  /** Names of operations that MessagePack does not carry, and what they have: `a stream`. */
  readonly uncarried: ReadonlyMap<string, string>;
  /** Method names as they stand in a message, of those that it carries. */
  readonly methods: ReadonlyMap<Operation, Uint8Array>;
  /** Types contain themselves, or objects refer to others: the objects already written must be known. */
  readonly needsObjects: boolean;
}

const PLANS = new WeakMap<Contract, Plan>();

/** The contract's plan. */
export function planOf(contract: Contract): Plan {
  const known = PLANS.get(contract);
  if (known !== undefined) return known;
  const operations = [...contract.operations.values()];
  const names = operations.map(({ name }) => name);
  const ambiguous = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  const uncarried = new Map<string, string>();
  for (const operation of operations) {
    const what = soapOnly(operation);
    if (what !== undefined) uncarried.set(operation.name, what);
  }
  const isCalled = ({ name }: Operation): boolean => !ambiguous.has(name) && !uncarried.has(name);
  const plan = {
    byName: new NameTable(operations.filter(isCalled)),
    ambiguous,
    uncarried,
    methods: new Map(
      operations
        .filter((operation) => soapOnly(operation) === undefined)
        .map((operation) => [operation, encodedName(operation.name)]),
    ),
    needsObjects: [...contract.types].some(
      (type) => type.kind === 'lazy' || (type.kind === 'object' && type.isReference),
    ),
  };
  PLANS.set(contract, plan);
  return plan;
}

/** A field, with what is needed to read and write it. */
export interface Member extends Field {
  /** Place among the object's fields. */
  readonly index: number;
  /** The name as it stands in a message. */
  readonly key: Uint8Array;
}

export interface Members {
  readonly inOrder: readonly Member[];
  readonly byName: NameTable<Member>;
  readonly hasOptional: boolean;
}

const MEMBERS = new WeakMap<ObjectShape, Members>();

/** The members of an object type, worked out once. */
export function membersOf(type: ObjectShape): Members {
  const known = MEMBERS.get(type);
  if (known !== undefined) return known;
  const inOrder = type.fields.map((field, index): Member => {
    return { ...field, index, key: encodedName(field.name) };
  });
  const hasOptional = inOrder.some(({ presence }) => presence === 'optional');
  const members = { inOrder, byName: new NameTable(inOrder), hasOptional };
  MEMBERS.set(type, members);
  return members;
}

/** A name as it stands in a message: the head of a string and its UTF-8. */
function encodedName(name: string): Uint8Array {
  const out = new OctetWriter(16);
  writeString(out, name);
  return out.toBytes();
}

/**
 * Finds names by their UTF-8 bytes: an operation or member is looked up straight from the message,
 * without making a string of its name. A miss costs no more than a hit, whatever was sent.
 */
export class NameTable<T extends { readonly name: string }> {
  readonly #buckets: (Entry<T> | undefined)[];
  readonly #mask: number;

  constructor(items: readonly T[]) {
    // More than twice as many buckets as names, a power of two so that a mask finds the bucket.
    const buckets = 2 << Math.ceil(Math.log2(items.length + 1));
    this.#mask = buckets - 1;
    this.#buckets = Array.from({ length: buckets }, () => undefined);
    for (const item of items) {
      const octets = new TextEncoder().encode(item.name);
      const bucket = this.#bucketOf(octets, 0, octets.length);
      this.#buckets[bucket] = { item, octets, next: this.#buckets[bucket] };
    }
  }

  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    let entry = this.#buckets[this.#bucketOf(bytes, start, end)];
    while (entry !== undefined && !isSame(entry.octets, bytes, start, end)) entry = entry.next;
    return entry?.item;
  }

  /** Length, first and last byte tell most names apart, at the same cost for every length. */
  #bucketOf(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    const first = bytes[start] ?? 0;
    const last = bytes[end - 1] ?? 0;
    return (end - start + 7 * first + 31 * last) & this.#mask;
  }
}

interface Entry<T> {
  readonly item: T;
  readonly octets: Uint8Array;
  readonly next: Entry<T> | undefined;
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = name;
  if (length !== end - start) return false;
  for (let index = 0; index < length; index++) {
    if (name[index] !== bytes[start + index]) return false;
  }
  return true;
}

/** The member that a map's next key names; keys need not be strings. */
export function readKey(
  reader: OctetReader,
  members: NameTable<Member>,
  depth: number,
): Member | undefined {
  const octets = reader.stringHead();
  if (octets < 0) {
    skip(reader, depth);
    return undefined;
  }
  const start = reader.at;
  reader.at = start + octets;
  return members.find(reader.bytes, start, reader.at);
}
