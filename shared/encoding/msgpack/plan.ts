import type { Contract, Operation } from '../../contract/contract.ts';
import type { ValueType } from '../../contract/types.ts';
import { encodedName, membersOf } from './members.ts';
import { NameTable } from './name-table.ts';

/** What a contract's messages have in common, worked out once for all sessions. */
export interface Plan {
  readonly byName: NameTable<Operation>;
  /** Method names as they stand in a message. */
  readonly methods: ReadonlyMap<Operation, Uint8Array>;
}

const PLANS = new WeakMap<Contract, Plan>();

/** @throws {NetTcpError} `Usage` for a type that no message can carry */
export function planOf(contract: Contract): Plan {
  const known = PLANS.get(contract);
  if (known !== undefined) return known;
  const operations = [...contract.operations.values()];
  for (const { parameters, result } of operations) {
    for (const type of [result, ...parameters.map((parameter) => parameter.type)]) check(type);
  }
  const plan = {
    byName: new NameTable(operations),
    methods: new Map(operations.map((operation) => [operation, encodedName(operation.name)])),
  };
  PLANS.set(contract, plan);
  return plan;
}

function check(type: ValueType): void {
  if (type.kind === 'nillable' || type.kind === 'array') check(type.of);
  if (type.kind !== 'object') return;
  for (const member of membersOf(type).inOrder) check(member.type);
}
