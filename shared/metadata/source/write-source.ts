import type { FaultDefinition, OperationDefinition } from '../../contract/operation.ts';
import { typesNamedBy } from '../../contract/message.ts';
import { messageValue } from './message-value.ts';
import type { ValueType } from '../../contract/types/types.ts';
import { printable } from '../../printable.ts';
import type { ContractSource } from '../read/read-description.ts';
import { Identifiers } from './identifiers.ts';
import { type Expression, layOutAfter, literal, WIDTH } from './layout.ts';
import { TypePrinter } from './print-types.ts';

const PACKAGE = 'net-tcp-port-sharing';
const TEMPURI = 'http://tempuri.org/';

/**
 * The TypeScript of contracts, with all the types that they name; the same for the same contracts. Prettier changes
 * nothing of it, with single quotes and lines of 100 characters.
 *
 * @param origin where they are from, fit to be shown
 */
export function writeSource(contracts: readonly ContractSource[], origin: string): string {
  const all = contracts.flatMap(inOrder);
  const identifiers = new Identifiers();
  const names = new Map(all.map((contract) => [contract, identifiers.give(contract.name)]));
  const printer = new TypePrinter(
    all.flatMap(({ operations }) => [...operations.values()].flatMap(typesOf)),
    all.map(({ namespace }) => namespace).filter((namespace) => namespace !== TEMPURI),
    identifiers,
  );
  const definitions = printer.definitions();
  const sections = all.map((contract) => {
    const name = names.get(contract) ?? '';
    const value = contractValue(contract, (other) => names.get(other) ?? '', printer);
    const constant = `${layOutAfter(`export const ${name} =`, value, '')};\n`;
    const own = `export type ${name} =`;
    return `${constant}${layOutAfter(own, `typeof ${name}`, '')};\n`;
  });
  const body = [printer.namespaces().join(''), ...definitions, ...sections].filter(
    (section) => section !== '',
  );
  const head = [
    `// Made by \`${PACKAGE} import\` of ${printable(origin)}\n`,
    '// Make it again rather than change it.\n',
    importLine(body.join('\n'), printer.usesDateTimeOffset),
  ];
  return [head.join(''), ...body].join('\n');
}

/** A contract after those that it names. */
function inOrder(contract: ContractSource): ContractSource[] {
  const { bases, callback } = contract;
  return [...bases.flatMap(inOrder), ...(callback === undefined ? [] : [callback]), contract];
}

const IMPORTS = ['defineContract', 'header', 'message', 'oneWay', 'operation', 'results'];

function importLine(body: string, usesDateTimeOffset: boolean): string {
  const used = IMPORTS.filter((name) => body.includes(`${name}(`));
  if (usesDateTimeOffset) used.unshift('type DateTimeOffset');
  if (body.includes('types.')) used.push('types');
  const line = `import { ${used.join(', ')} } from ${literal(PACKAGE)};\n`;
  if (line.length <= WIDTH + 1) return line;
  const names = used.map((name) => `  ${name},\n`).join('');
  return `import {\n${names}} from ${literal(PACKAGE)};\n`;
}

function contractValue(
  { name, namespace, bases, callback, sessionMode, operations, unsaid }: ContractSource,
  nameOf: (contract: ContractSource) => string,
  printer: TypePrinter,
): Expression {
  const said = [...operations].map(([key, operation]) => ({
    key,
    value: operationValue(operation, printer),
  }));
  const comments = [...unsaid].map(([operation, why]) => ({
    comment: `${printable(operation)} cannot be expressed: ${why}`,
  }));
  const object = [
    { key: 'name', value: literal(name) },
    ...(namespace === TEMPURI ? [] : [{ key: 'namespace', value: printer.namespace(namespace) }]),
    ...(bases.length === 0 ? [] : [{ key: 'extends', value: { array: bases.map(nameOf) } }]),
    ...(callback === undefined ? [] : [{ key: 'callback', value: nameOf(callback) }]),
    ...(sessionMode === undefined ? [] : [{ key: 'sessionMode', value: literal(sessionMode) }]),
    { key: 'operations', value: { object: [...said, ...comments], isOpen: true } },
  ];
  return { call: 'defineContract', args: [{ object, isOpen: true }] };
}

function operationValue(operation: OperationDefinition, printer: TypePrinter): Expression {
  const { parameters, result, oneWay, faults, request, reply, ...names } = operation;
  const array = parameters.map(([name, type]) => ({ array: [literal(name), printer.use(type)] }));
  const options = Object.entries(names)
    .filter((entry): entry is [string, string | boolean] => entry[1] !== undefined)
    .map(([key, value]): { readonly key: string; readonly value: Expression } => ({
      key,
      value: typeof value === 'string' ? literal(value) : String(value),
    }));
  if (faults.length > 0) {
    const each = faults.map((fault) => faultValue(fault, printer));
    options.unshift({ key: 'faults', value: { array: each } });
  }
  const args: Expression[] = [request === undefined ? { array } : messageValue(request, printer)];
  const hasResult = !('kind' in result) || result.kind !== 'void';
  if (!oneWay && (hasResult || options.length > 0)) {
    args.push(reply === undefined ? resultValue(result, printer) : messageValue(reply, printer));
  }
  if (options.length > 0) args.push({ object: options });
  return { call: oneWay ? 'oneWay' : 'operation', args };
}

function resultValue(result: OperationDefinition['result'], printer: TypePrinter): Expression {
  if ('kind' in result) return printer.use(result);
  const object = Object.entries(result.parts).map(([key, type]) => ({
    key,
    value: printer.use(type),
  }));
  return { call: 'results', args: [{ object }] };
}

function faultValue(fault: ValueType | FaultDefinition, printer: TypePrinter): Expression {
  if ('kind' in fault) return printer.use(fault);
  const { type, ...names } = fault;
  const object = Object.entries(names).map(([key, value]: [string, string]) => ({
    key,
    value: literal(value) as Expression,
  }));
  return { object: [{ key: 'type', value: printer.use(type) }, ...object] };
}

/** The types that an operation names. */
function typesOf(operation: OperationDefinition): ValueType[] {
  const { parameters, result, faults, request, reply } = operation;
  const results = 'kind' in result ? [result] : Object.values(result.parts);
  return [
    ...(request === undefined ? parameters.map(([, type]) => type) : typesNamedBy(request)),
    ...(reply === undefined ? results : typesNamedBy(reply)),
    ...faults.map((fault) => ('kind' in fault ? fault : fault.type)),
  ];
}
