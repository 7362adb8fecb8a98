// The contract that `import` made of CoreWCF's metadata, against what a .NET client and that service sent each other.
import { expect, test } from 'vitest';
import type { Contract, Operation } from '../../../shared/contract/contract.ts';
import { header } from '../../../shared/contract/header.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { createSoap } from '../../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import * as shop from '../../fixtures/shop/shop.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { envelopesOf, idOf } from './connections.ts';
import { operationOf, written } from './messages.ts';

const envelopes = envelopesOf('dotnet-data');

/** Both codecs of a session whose ids are those of a capture, and its one request and reply. */
function open(capture: string, contract: Contract, path: string) {
  const [request = ''] = envelopes(capture, 'client');
  const [reply = ''] = envelopes(capture, 'service');
  const [session, id] = idOf(request, '441aad');
  const soap = createSoap('buffered', () => session);
  const at = { contract, limits: DEFAULT_LIMITS, address: `net.tcp://localhost:9310/${path}` };
  return { request, reply, id, client: soap.client(at), service: soap.service(at) };
}

interface Node {
  Name: string | null;
  Next: Node | null;
}
const node: Node = { Name: 'n', Next: null };
node.Next = node;
const circle = { $type: 'Circle', Label: 'c', Radius: 2 };
const square = { $type: 'Square', Label: 's', Side: 3 };
const ann = { Id: 1, Name: 'Ann' };

test.for<readonly [capture: string, name: string, args: readonly unknown[], result: unknown]>([
  ['dict', 'EchoDict', [new Map([['a', 1], ['b', 2]])], undefined], // prettier-ignore
  ['dictC', 'EchoDictC', [new Map([[1, ann]])], undefined],
  ['shape', 'EchoShape', [circle], undefined],
  ['shapes', 'EchoShapes', [[circle, square]], undefined],
  ['isref', 'EchoNode', [node], undefined],
  ['objInt', 'EchoObject', [5], undefined],
  ['objCust', 'EchoObject', [{ $type: 'Customer', ...ann }], undefined],
  ['out', 'TryGet', ['abc'], { TryGetResult: true, value: 3 }],
])('%s: request and answer, byte for byte, and read', ([capture, name, args, result = args[0]]) => {
  const isOps = capture === 'out';
  const contract = isOps ? shop.IOps : shop.IData;
  const { request, reply, id, client, service } = open(capture, contract, isOps ? 'ops' : 'data');
  const of: Operation = operationOf(contract, name);
  expect(hex(written((out) => client.writeRequest(out, id, of, args)))).toBe(request);
  const read = service.readRequest(octets(request), 0, request.length / 2);
  expect(read).toMatchObject({ kind: 'call', operation: of, args });
  expect(hex(written((out) => service.writeResult(out, read.id ?? '', of, result)))).toBe(reply);
  expect(client.readReply(octets(reply), 0, reply.length / 2, () => of)).toMatchObject({
    kind: 'result',
    value: result,
  });
});

test('header: both ways', () => {
  const Tenant = header('Tenant', t.string, { namespace: 'urn:h' });
  const Answered = header('Answered', t.string, { namespace: 'urn:h' });
  const { request, reply, id, client, service } = open('header', shop.IOps, 'ops');
  const of = operationOf(shop.IOps, 'ReadHeader');
  const headers = [Tenant.of('acme')];
  expect(hex(written((out) => client.writeRequest(out, id, of, [], headers)))).toBe(request);
  const read = service.readRequest(octets(request), 0, request.length / 2);
  expect(read.kind === 'call' && read.headers?.get(Tenant)).toBe('acme');
  const got = client.readReply(octets(reply), 0, reply.length / 2, () => of);
  expect(got).toMatchObject({ kind: 'result', value: 'acme' });
  expect(got?.kind === 'result' && got.headers?.get(Answered)).toBe('yes');
});

test('faultNamed: the detail, under the name and the action that the contract gives it', () => {
  const { request, reply, id, client } = open('faultNamed', shop.IOps, 'ops');
  const of = operationOf(shop.IOps, 'FailNamed');
  expect(hex(written((out) => client.writeRequest(out, id, of, ['x'])))).toBe(request);
  expect(client.readReply(octets(reply), 0, reply.length / 2, () => of)).toMatchObject({
    kind: 'fault',
    fault: { message: 'named', typed: { value: { OrderId: 8, Why: 'x' } } },
  });
});
