import { NetTcpError } from '../errors.ts';
import { isReserved } from './check-name.ts';
import type { Operation } from './operation.ts';

/**
 * Operations by their methods.
 *
 * @throws {NetTcpError} `Usage` if a proxy cannot have one, or two have the same name or action
 */
export function tableOf(all: Iterable<Operation>): Map<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const operation of all) add(operations, operation);
  return operations;
}

function add(operations: Map<string, Operation>, operation: Operation): void {
  const { name, method, action } = operation;
  if (isReserved(method)) {
    throw new NetTcpError('Usage', `an operation cannot be named "${method}"`);
  }
  for (const other of operations.values()) {
    const isNamed = other.method === method || other.name === name;
    if (!isNamed && other.action !== action) continue;
    const same = isNamed ? `the name "${name}"` : `the action ${action}`;
    throw new NetTcpError('Usage', `two operations of a contract cannot have ${same}`);
  }
  operations.set(method, operation);
}
