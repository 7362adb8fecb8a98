import { NetTcpError } from '../errors.ts';
import { typesOfMessage } from './message.ts';
import type { Operation } from './operation.ts';
import { reachable } from './types/reachable.ts';
import type { Field, ObjectShape, ValueType, XmlPlace } from './types/types.ts';

/** What XmlSerializer has no form for. */
const NOT_IN_XML: ReadonlyMap<ValueType['kind'], string> = new Map([
  ['dictionary', 'a dictionary'],
  ['version', 'a version'],
]);
/** What is not text. */
const COMPOUND: ReadonlySet<ValueType['kind']> = new Set<ValueType['kind']>([
  'any',
  'array',
  'dictionary',
  'known',
  'object',
  'void',
  'xml',
]);

/** @throws {NetTcpError} `Usage` for an operation whose format has no place for one of its types */
export function checkFormat(operation: Operation): void {
  const { name, parameters, results, faults, request, reply } = operation;
  const own = [...parameters, ...results].map(({ type }) => type);
  const messages = [request, reply].flatMap(typesOfMessage);
  const details = faults.map(({ type }) => type);
  const isXml = operation.format === 'xmlSerializer';
  const problem =
    first(reachable(isXml ? [...own, ...messages] : [...own, ...messages, ...details]), (type) =>
      isXml ? xmlProblem(type) : dataContractProblem(type),
    ) ??
    first(reachable(isXml ? details : []), dataContractProblem) ??
    (isXml ? headerProblem(operation) : undefined) ??
    partProblem(operation);
  if (problem !== undefined) throw new NetTcpError('Usage', `The operation ${name} ${problem}.`);
}

function first(
  types: ReadonlySet<ValueType>,
  problemOf: (type: ValueType) => string | undefined,
): string | undefined {
  for (const type of types) {
    const problem = problemOf(type);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function dataContractProblem(type: ValueType): string | undefined {
  if (type.kind !== 'object') return undefined;
  const member = type.fields.find(({ xml }) => xml !== undefined);
  if (member === undefined) return undefined;
  const { node } = member.xml ?? {};
  return `has ${type.name}.${member.name}, an ${node} of XML's own: say format: 'xmlSerializer' (details of faults never have it)`;
}

function xmlProblem(type: ValueType): string | undefined {
  const what = NOT_IN_XML.get(type.kind);
  if (what !== undefined) return `has ${what}, for which XmlSerializer has no form`;
  if (type.kind !== 'object') return undefined;
  if (type.isReference) return `has ${type.name}, and XmlSerializer has no references`;
  const { name, fields } = type;
  const odd = fields.find((field) => isMisplaced(field));
  if (odd !== undefined) return `has ${name}.${odd.name}, which is no text, as an ${odd.xml?.node}`;
  return textProblem(type);
}

function textProblem({ name, fields }: ObjectShape): string | undefined {
  const of = (node: string): Field[] =>
    fields.filter(({ xml }) => (xml?.node ?? 'element') === node);
  const texts = of('text').length;
  if (texts === 0 || (texts === 1 && of('element').length === 0)) return undefined;
  return `has ${name}, which has text beside elements or other text`;
}

/** An attribute or text that is no scalar, enumeration or flags, nor a list of them. */
function isMisplaced({ xml, type }: Field): boolean {
  if (xml === undefined || xml.node === 'element') return false;
  const value = withoutNull(type);
  return COMPOUND.has((value.kind === 'array' ? withoutNull(value.of) : value).kind);
}

function headerProblem({ request, reply }: Operation): string | undefined {
  const headers = [request, reply].flatMap((shape) => shape?.headers ?? []);
  const odd = headers.find(({ header }) => {
    const { kind } = withoutNull(header.each ?? header.type);
    return COMPOUND.has(kind) || kind === 'dateTimeOffset';
  });
  if (odd === undefined) return undefined;
  return `has a header ${odd.member} of several parts, which cannot be said with the format xmlSerializer`;
}

function partProblem({ request, reply, format }: Operation): string | undefined {
  const parts = [request, reply].flatMap((shape) => shape?.body ?? []);
  const isFine = ({ node }: XmlPlace): boolean => node === 'element' && format === 'xmlSerializer';
  const odd = parts.find(({ xml }) => xml !== undefined && !isFine(xml));
  if (odd === undefined) return undefined;
  return `has ${odd.member} of its message as an ${odd.xml?.node} of XML's own, which its format has no place for`;
}

function withoutNull(type: ValueType): ValueType {
  return type.kind === 'nillable' || type.kind === 'lazy' ? withoutNull(type.of) : type;
}
