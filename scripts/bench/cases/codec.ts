import { ICalculator } from '../../../shared/contract/calculator.ts';
import { msgpack } from '../../../shared/encoding/msgpack/msgpack.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { type Case, type LeftOut } from '../case.ts';
import { checkSum, OPERANDS } from '../contender.ts';
import { type Msgpackr, REUSED_BUFFER } from '../contenders/lean.ts';
import { loadPeer, missingPeer } from '../peers.ts';
import { ratioOf, spreadOf } from '../statistics.ts';

const MESSAGES = 200_000;
/** Name of this suite's row. */
const OURS = 'ours, msgpack';

/** One request and its reply, written and read: what a codec costs a call. */
type Round = (id: number) => void;

/** Encoding and decoding of one request and one reply, in this process. */
export const codec: Case = {
  name: 'codec',
  async run({ rounds, scale }) {
    const messages = Math.ceil(MESSAGES * scale);
    const leftOut: LeftOut[] = [];
    const contenders: { readonly name: string; readonly round: Round; took: number[] }[] = [
      { name: OURS, round: ours(), took: [] },
      { name: 'JSON', round: json, took: [] },
    ];
    for (const [name, peer, make] of [
      ['msgpackr, reused buffer', 'msgpackr', reusing],
      ['msgpackr, plain', 'msgpackr', plain],
    ] as const) {
      const why = await missingPeer(peer);
      if (why === undefined) contenders.push({ name, round: await make(), took: [] });
      else leftOut.push({ name, why });
    }
    for (const { round } of contenders) repeat(round, messages);
    for (let count = 0; count < rounds; count++) {
      for (const { round, took } of contenders) took.push(repeat(round, messages));
    }
    const base = contenders[0]?.took ?? [];
    const rows = contenders.map(({ name, took }) => ({
      name,
      cells: { '÷ ours': ratioOf(took, base), ns: spreadOf(took) },
    }));
    const title = 'codec: one request and reply, encode + decode';
    return { tables: [{ title, columns: ['÷ ours', 'ns'], rows }], leftOut };
  },
};

function repeat(round: Round, messages: number): number {
  const startedAt = performance.now();
  for (let id = 0; id < messages; id++) round(id);
  return ((performance.now() - startedAt) * 1e6) / messages;
}

function ours(): Round {
  const options = { contract: ICalculator, limits: DEFAULT_LIMITS, address: '' };
  const client = msgpack.client(options);
  const service = msgpack.service(options);
  const out = new OctetWriter();
  const operation = ICalculator.operations.get('Add');
  if (operation === undefined) throw new Error('the contract has no Add');
  const operationOf = (): typeof operation => operation;
  return (id) => {
    out.clear();
    client.writeRequest(out, id, operation, OPERANDS);
    const request = service.readRequest(out.bytes, 0, out.length);
    if (request.kind !== 'call') throw new Error('the request was refused');
    const [a, b] = request.args as [number, number];
    out.clear();
    service.writeResult(out, request.id, request.operation, a + b);
    const reply = client.readReply(out.bytes, 0, out.length, operationOf);
    checkSum(reply?.kind === 'result' ? reply.value : undefined);
  };
}

function json(id: number): void {
  const request = JSON.stringify([id, 'Add', OPERANDS[0], OPERANDS[1]]);
  const [answered, , a, b] = JSON.parse(request) as [number, string, number, number];
  const reply = JSON.stringify([answered, a + b]);
  checkSum((JSON.parse(reply) as [number, number])[1]);
}

async function reusing(): Promise<Round> {
  const { Packr } = (await loadPeer('msgpackr')) as Msgpackr;
  const packr = new Packr({ useRecords: false });
  return (id) => {
    const request = packr.pack([id, 0, OPERANDS[0], OPERANDS[1]], REUSED_BUFFER);
    const [answered, , a, b] = packr.unpack(request, request) as [number, number, number, number];
    const reply = packr.pack([answered, a + b], REUSED_BUFFER);
    checkSum((packr.unpack(reply, reply) as [number, number])[1]);
  };
}

async function plain(): Promise<Round> {
  const { Packr } = (await loadPeer('msgpackr')) as {
    readonly Packr: new (options: { readonly useRecords: boolean }) => {
      pack(value: unknown): Uint8Array;
      unpack(octets: Uint8Array): unknown;
    };
  };
  const packr = new Packr({ useRecords: false });
  return (id) => {
    const request = packr.pack([id, 0, OPERANDS[0], OPERANDS[1]]);
    const [answered, , a, b] = packr.unpack(request) as [number, number, number, number];
    checkSum((packr.unpack(packr.pack([answered, a + b])) as [number, number])[1]);
  };
}
