import { loadPeer } from '../peers.ts';

/** A message type of protobufjs. */
export interface ProtobufType<T> {
  encode(value: T): { finish(): Uint8Array };
  decode(octets: Uint8Array): T;
}

interface Protobuf {
  parse(source: string): { readonly root: { lookupType(name: string): unknown } };
}

export interface CalculatorTypes {
  readonly Pair: ProtobufType<{ readonly n1: number; readonly n2: number }>;
  readonly Sum: ProtobufType<{ readonly sum: number }>;
}

let types: CalculatorTypes | undefined;

/** The calculator's messages. protobufjs generates their code once they are used. */
export async function calculatorTypes(): Promise<CalculatorTypes> {
  if (types !== undefined) return types;
  const protobuf = (await loadPeer('protobufjs')) as Protobuf;
  const { root } = protobuf.parse(`syntax = "proto3";
    message Pair { double n1 = 1; double n2 = 2; }
    message Sum { double sum = 1; }`);
  types = {
    Pair: root.lookupType('Pair') as CalculatorTypes['Pair'],
    Sum: root.lookupType('Sum') as CalculatorTypes['Sum'],
  };
  return types;
}
