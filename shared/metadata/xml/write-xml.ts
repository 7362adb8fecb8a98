import { NetTcpError } from '../../errors.ts';
import { quoted } from '../../printable.ts';
import { NAMESPACES } from './vocabulary.ts';
import type { XmlElement } from './element.ts';

/** Prefixes that people know; other namespaces get `q1`, `q2`, … */
const PREFIXES: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMESPACES).map(([prefix, namespace]) => [namespace, prefix]),
);

/**
 * A document, indented, with all prefixes declared at its root.
 *
 * @param targetNamespace gets the prefix `tns`
 * @throws {NetTcpError} `Usage` for text with a character that XML does not have
 */
export function writeXml(root: XmlElement, targetNamespace: string): string {
  const prefixes = prefixesOf(root, targetNamespace);
  const declarations = [...prefixes]
    .map(([namespace, prefix]) => ` xmlns:${prefix}="${escape(namespace)}"`)
    .join('');
  const lines = ['<?xml version="1.0" encoding="utf-8"?>'];
  write(root, prefixes, declarations, '', lines);
  return `${lines.join('\n')}\n`;
}

/** A prefix for each namespace of a tree. @param targetNamespace gets `tns`; `''`: none does */
export function prefixesOf(root: XmlElement, targetNamespace: string): ReadonlyMap<string, string> {
  const prefixes = new Map<string, string>();
  if (targetNamespace !== '') prefixes.set(targetNamespace, 'tns');
  collect(root, prefixes);
  return prefixes;
}

/** Namespace and name of an attribute's key. */
export function splitKey(key: string): readonly [namespace: string, name: string] {
  const end = key.indexOf('}');
  return [key.slice(1, Math.max(end, 0)), key.slice(end + 1)];
}

function collect({ namespace, attributes, children }: XmlElement, prefixes: Map<string, string>) {
  add(namespace, prefixes);
  for (const [key, value] of attributes) {
    if (key.startsWith('{')) add(key.slice(1, key.indexOf('}')), prefixes);
    if (typeof value === 'object') add(value.namespace, prefixes);
  }
  for (const child of children) collect(child, prefixes);
}

function add(namespace: string, prefixes: Map<string, string>): void {
  if (namespace === '' || prefixes.has(namespace)) return;
  const unknown = [...prefixes.values()].filter((prefix) => prefix.startsWith('q')).length + 1;
  prefixes.set(namespace, PREFIXES.get(namespace) ?? `q${unknown}`);
}

function write(
  element: XmlElement,
  prefixes: ReadonlyMap<string, string>,
  declarations: string,
  indent: string,
  lines: string[],
): void {
  const qualified = (namespace: string, name: string): string =>
    namespace === '' ? name : `${prefixes.get(namespace)}:${name}`;
  const { name, namespace, attributes, children, text } = element;
  const tag = qualified(namespace, name);
  let start = `${indent}<${tag}${declarations}`;
  for (const [key, value] of attributes) {
    const attributeName = qualified(...splitKey(key));
    const shown = typeof value === 'string' ? value : qualified(value.namespace, value.name);
    start += ` ${attributeName}="${escape(shown)}"`;
  }
  if (children.length === 0) {
    lines.push(text === '' ? `${start}/>` : `${start}>${escape(text)}</${tag}>`);
    return;
  }
  lines.push(`${start}>`);
  for (const child of children) write(child, prefixes, '', `${indent}  `, lines);
  lines.push(`${indent}</${tag}>`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const SPECIAL = /[&<>"\t\n\r]/g;
const NO_XML = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function escape(text: string): string {
  if (NO_XML.test(text)) {
    throw new NetTcpError('Usage', `XML has no way to write ${quoted(text)}.`);
  }
  return text.replace(SPECIAL, (char) => ENTITIES[char] ?? `&#${char.charCodeAt(0)};`);
}
