import type { Contract, Operation } from '../../contract/contract.ts';

const DESCRIBED = new WeakMap<Contract, Contract>();

/** The contract as metadata describe it: without operations of the format `xmlSerializer`, whose schemas would be others. */
export function describedOf(contract: Contract): Contract {
  const known = DESCRIBED.get(contract);
  if (known !== undefined) return known;
  const { callback } = contract;
  const described: Contract = {
    ...contract,
    operations: withoutXml(contract.operations),
    callback: callback && { ...callback, operations: withoutXml(callback.operations) },
  };
  DESCRIBED.set(contract, described);
  return described;
}

function withoutXml(operations: ReadonlyMap<string, Operation>): ReadonlyMap<string, Operation> {
  return new Map([...operations].filter(([, { format }]) => format !== 'xmlSerializer'));
}
