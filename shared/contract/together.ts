import { NetTcpError } from '../errors.ts';
import type { Contract, Operation } from './contract.ts';

/**
 * The contract of an address at which there are several: it has the operations of all of them, which SOAP
 * tells apart by their actions.
 *
 * @param address for the error
 * @throws {NetTcpError} `Usage` if two operations have the same action, or two contracts callbacks
 */
export function together(contracts: readonly [Contract, ...Contract[]], address: string): Contract {
  const [first, ...others] = contracts;
  if (others.length === 0) return first;
  const operations = new Map<string, Operation>();
  const owners = new Map<string, Contract>();
  for (const contract of contracts) {
    for (const operation of contract.operations.values()) {
      const owner = owners.get(operation.action);
      if (owner !== undefined) throw clash(owner, contract, operation, address);
      owners.set(operation.action, contract);
      operations.set(`${contracts.indexOf(contract)}.${operation.method}`, operation);
    }
  }
  const duplex = contracts.filter(({ callback }) => callback !== undefined);
  if (duplex.length > 1) {
    const names = duplex.map(({ name }) => name).join(' and ');
    const text = `${names} cannot be at one address, '${address}': each has callbacks. Give one of them another address.`;
    throw new NetTcpError('Usage', text);
  }
  const needsSessions = contracts.some(({ sessionMode }) => sessionMode === 'required');
  return {
    name: contracts.map(({ name }) => name).join(' and '),
    namespace: first.namespace,
    operations,
    sessionMode: needsSessions ? 'required' : 'allowed',
    callback: duplex[0]?.callback,
    definitions: {},
    types: new Set(contracts.flatMap(({ types }) => [...types])),
  };
}

function clash(one: Contract, other: Contract, { action }: Operation, address: string): Error {
  const text =
    one === other || (one.name === other.name && one.namespace === other.namespace)
      ? `A registration already exists for URI '${address}': of ${one.name}, whose operations would have the same actions.`
      : `${one.name} and ${other.name} cannot both be at '${address}': both have an operation of the action ${action}. Give one of them another address, or that operation another action.`;
  return new NetTcpError('Usage', text);
}
