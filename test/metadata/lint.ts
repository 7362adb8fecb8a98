import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Contract } from '../../shared/contract/contract.ts';
import { describe as describeEndpoints } from '../../shared/metadata/write/description.ts';
import type { DescribedBinding } from '../../shared/metadata/write/write-binding.ts';
import { RunningProcess } from '../../scripts/process.ts';
import { temporaryDirectory } from '../../scripts/temporary.ts';

/** WSDL, schemas and messages under libxml2. */

/** Of Debian's python3-xmlschema: the schemas as their authors publish them. */
const SCHEMAS = '/usr/lib/python3/dist-packages/xmlschema/schemas';
/** The schema of WSDL 1.1. */
export const WSDL = path.join(SCHEMAS, 'WSDL/wsdl.xsd');
const XSD = path.join(SCHEMAS, 'XSD_1.0/XMLSchema.xsd');
/** What a test with xmllint needs and is not there. */
export const lacks = [WSDL, XSD, '/usr/bin/xmllint'].filter((file) => !existsSync(file));
if (lacks.length > 0) {
  console.log(`skipped: no ${lacks.join(', ')} (test/metadata/install.sh installs them)`);
}

/**
 * The attribute with which WCF marks operations, and which its tools look for; the schema of WSDL has no place for
 * it.
 */
const OF_WCF = / \w+:is(?:Initiating|Terminating)="(?:true|false)"/g;

interface Checked {
  readonly status: number | null;
  readonly stderr: string;
}

/** Runs xmllint. */
export async function lint(...args: readonly string[]): Promise<Checked> {
  const { status, stderr } = await new RunningProcess(['xmllint', '--noout', '--nonet', ...args], {
    input: '',
    deadlineMs: 60_000,
  }).finished;
  return { status, stderr };
}

/** The schema of schemas without its document type, which only names entities for an editor. */
export function schemaOfSchemas(directory: string): string {
  const text = readFileSync(XSD, 'utf8');
  const own = path.join(directory, 'XMLSchema.xsd');
  writeFileSync(
    own,
    text.replaceAll(/schemaLocation="[^"]*xml\.xsd"/g, `schemaLocation="${xmlXsd()}"`),
  );
  return own;
}

function xmlXsd(): string {
  return path.join(SCHEMAS, 'XML/xml_minimal.xsd');
}

/** The files of a description, on disk. @returns their names by their kind */
export function files(described: readonly Contract[], binding: DescribedBinding = {}) {
  const directory = temporaryDirectory();
  const address = 'net.tcp://localhost:9000/a';
  const endpoints = described.map((contract) => ({ contract, address, ...binding }));
  const all = describeEndpoints('Service', endpoints);
  for (const { name, text } of all) {
    writeFileSync(path.join(directory, name), text.replaceAll(OF_WCF, ''));
  }
  const of = (dialect: string): readonly string[] =>
    all.filter((one) => one.dialect === dialect).map(({ name }) => path.join(directory, name));
  return { directory, wsdl: of('wsdl'), xsd: of('xsd') };
}

/**
 * Checks each document against its schema, and that libxml2 can compile the schemas with what they import.
 *
 * @returns the file of a schema of them all, with an element Body that may have any of their elements
 */
export async function check(
  described: readonly Contract[],
  binding?: DescribedBinding,
): Promise<string> {
  const { directory, wsdl, xsd } = files(described, binding);
  expect(await lint('--schema', WSDL, ...wsdl)).toMatchObject({ status: 0 });
  expect(await lint('--schema', schemaOfSchemas(directory), ...xsd)).toMatchObject({ status: 0 });
  const imports = xsd.map(
    (file) => `<import namespace="${namespaceOf(file)}" schemaLocation="${file}"/>`,
  );
  const all = path.join(directory, 'all.xsd');
  const parts = '<any minOccurs="0" maxOccurs="unbounded" processContents="strict"/>';
  const body = `<element name="Body"><complexType><sequence>${parts}</sequence></complexType></element>`;
  writeFileSync(
    all,
    `<schema xmlns="http://www.w3.org/2001/XMLSchema">${imports.join('')}${body}</schema>`,
  );
  // Status 3: it has no such element as the schema's own. 5 would be a schema that does not compile.
  expect(await lint('--schema', all, all)).toMatchObject({ status: 3 });
  return all;
}

function namespaceOf(file: string): string | undefined {
  return /targetNamespace="([^"]*)"/.exec(readFileSync(file, 'utf8'))?.[1];
}
