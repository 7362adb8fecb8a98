// Objects that are one object at one end are one object at the other, cycles included.
import { describe, expect, test } from 'vitest';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import * as t from '../../shared/contract/types/types.ts';
import type { MessageEncoding } from '../../shared/encoding/encoding.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { showMessage } from '../../shared/encoding/msgpack/show-message.ts';
import { soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';

interface Node {
  Name: string;
  Next: Node | null;
}
const Node: t.ValueType<Node> = t.object(
  'Node',
  { Name: t.string, Next: t.nillable(t.lazy(() => Node)) },
  { reference: true },
);
const IGraph = defineContract({
  name: 'IGraph',
  operations: {
    Put: operation([
      ['nodes', t.array(Node)],
      ['more', Node],
    ]),
  },
});

function sent(nodes: Node[], more: Node): Uint8Array {
  const out = new OctetWriter();
  write(msgpack, out, nodes, more);
  return out.toBytes();
}

function write(encoding: MessageEncoding, out: OctetWriter, nodes: Node[], more: Node): void {
  const Put = IGraph.operations.get('Put');
  if (Put === undefined) throw new Error('no Put');
  encoding.client(CODEC).writeRequest(out, 1, Put, [nodes, more]);
}

const CODEC = { contract: IGraph, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };

describe.each([msgpack, soapBuffered, soapStreamed])('$name, $contentType', (encoding) => {
  test('an object that comes twice, in a ring, comes back as that', () => {
    const first: Node = { Name: 'first', Next: null };
    const second: Node = { Name: 'second', Next: first };
    first.Next = second;
    const out = new OctetWriter();
    write(encoding, out, [first, second, first], { Name: 'other', Next: null });
    const request = encoding.service(CODEC).readRequest(out.bytes, 0, out.length);
    if (request.kind !== 'call') throw new Error(request.fault.message);
    const [nodes, more] = request.args as [Node[], Node];
    expect(nodes.map(({ Name }) => Name)).toEqual(['first', 'second', 'first']);
    expect(nodes[0]).toBe(nodes[2]);
    expect(nodes[0]?.Next).toBe(nodes[1]);
    expect(nodes[1]?.Next).toBe(nodes[0]);
    expect(more).toEqual({ Name: 'other', Next: null });
  });
});

test('in MessagePack a reference is a map with the number of the object', () => {
  const self: Node = { Name: 'n', Next: null };
  self.Next = self;
  expect(showMessage(sent([], self))).toBe(
    '[0, 1, "Put", [[], {"$id": 1, "Name": "n", "Next": {"$ref": 1}}]]',
  );
});

test('a type that no value can have is refused where the contract is made', () => {
  const Endless: t.ValueType = t.object('Endless', { Inner: t.lazy(() => Endless) });
  expect(() =>
    defineContract({ name: 'I', operations: { Op: operation([['v', t.array(Endless)]]) } }),
  ).toThrow(
    new NetTcpError(
      'Usage',
      'Endless holds itself without end: make a member nillable or optional, or an array',
    ),
  );
});
