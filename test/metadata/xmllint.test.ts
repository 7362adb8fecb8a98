// What we write against the schemas of WSDL 1.1 and XML Schema 1.0, by libxml2. Without it, or the schemas, on the
// machine this is skipped: test/metadata/install.sh installs them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../shared/contract/calculator.ts';
import type { Contract } from '../../shared/contract/contract.ts';
import { describe as describeEndpoints } from '../../shared/metadata/write/description.ts';
import type { DescribedBinding } from '../../shared/metadata/write/write-binding.ts';
import { RunningProcess } from '../../scripts/process.ts';
import { temporaryDirectory } from '../../scripts/temporary.ts';
import * as shop from '../fixtures/shop/shop.ts';
import { contracts } from './contracts.ts';

/** Of Debian's python3-xmlschema: the schemas as their authors publish them. */
const SCHEMAS = '/usr/lib/python3/dist-packages/xmlschema/schemas';
const WSDL = path.join(SCHEMAS, 'WSDL/wsdl.xsd');
const XSD = path.join(SCHEMAS, 'XSD_1.0/XMLSchema.xsd');
const lacks = [WSDL, XSD, '/usr/bin/xmllint'].filter((file) => !existsSync(file));
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

async function lint(...args: readonly string[]): Promise<Checked> {
  const { status, stderr } = await new RunningProcess(['xmllint', '--noout', '--nonet', ...args], {
    input: '',
    deadlineMs: 60_000,
  }).finished;
  return { status, stderr };
}

/** The schema of schemas without its document type, which only names entities for an editor. */
function schemaOfSchemas(directory: string): string {
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
function files(described: readonly Contract[], binding: DescribedBinding = {}) {
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

/** Checks each document against its schema, and that libxml2 can compile the schemas with what they import. */
async function check(described: readonly Contract[], binding?: DescribedBinding): Promise<void> {
  const { directory, wsdl, xsd } = files(described, binding);
  expect(await lint('--schema', WSDL, ...wsdl)).toMatchObject({ status: 0 });
  expect(await lint('--schema', schemaOfSchemas(directory), ...xsd)).toMatchObject({ status: 0 });
  const imports = xsd.map(
    (file) => `<import namespace="${namespaceOf(file)}" schemaLocation="${file}"/>`,
  );
  const all = path.join(directory, 'all.xsd');
  writeFileSync(
    all,
    `<schema xmlns="http://www.w3.org/2001/XMLSchema">${imports.join('')}</schema>`,
  );
  // Status 3: it has no such element as the schema's own. 5 would be a schema that does not compile.
  expect(await lint('--schema', all, all)).toMatchObject({ status: 3 });
}

function namespaceOf(file: string): string | undefined {
  return /targetNamespace="([^"]*)"/.exec(readFileSync(file, 'utf8'))?.[1];
}

const SHOP = [shop.IData, shop.IOps, shop.IPlain, shop.IDerivedOps, shop.ICart, shop.INews];

describe.skipIf(lacks.length > 0)('xmllint', () => {
  test('takes the shop, all of it', () => check(SHOP));
  test('takes streams', () => check([shop.IStreams], { isStreamed: true }));
  test.for(['tls', 'tls-with-certificate', 'windows'] as const)(
    'takes policies of %s',
    (transport) => check([ICalculator], { transport }),
  );
  test('takes random contracts', () =>
    fc.assert(
      fc.asyncProperty(contracts, (contract) => check([contract])),
      { numRuns: 4 },
    ));

  test('refuses what is wrong', async () => {
    const { directory, wsdl, xsd } = files([ICalculator]);
    const spoil = (file: string | undefined, from: string, to: string): string => {
      const text = readFileSync(file ?? '', 'utf8');
      expect(text).toContain(from);
      const spoilt = path.join(directory, `spoilt-${path.basename(file ?? '')}`);
      writeFileSync(spoilt, text.replace(from, to));
      return spoilt;
    };
    const noMessage = spoil(wsdl[1], ' message=', ' massage=');
    expect(await lint('--schema', WSDL, noMessage)).toMatchObject({ status: 3 });
    const schema = schemaOfSchemas(directory);
    const noMany = spoil(xsd[0], 'minOccurs="0"', 'minOccurs="few"');
    expect(await lint('--schema', schema, noMany)).toMatchObject({ status: 3 });
    const noType = spoil(xsd[0], ':double"', ':dubious"');
    expect(await lint('--schema', noType, noType)).toMatchObject({ status: 5 });
  });
});
