// What we write against the schemas of WSDL 1.1 and XML Schema 1.0, by libxml2. Without it, or the schemas, on the
// machine this is skipped: test/metadata/install.sh installs them.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../shared/contract/calculator.ts';
import * as shop from '../fixtures/shop/shop.ts';
import { contracts } from './contracts.ts';
import { check, files, lacks, lint, schemaOfSchemas, WSDL } from './lint.ts';

const SHOP = [shop.IData, shop.IOps, shop.IPlain, shop.IDerivedOps, shop.ICart, shop.INews];

describe.skipIf(lacks.length > 0)('xmllint', () => {
  test('takes the shop, all of it', async () => void (await check(SHOP)));
  test('takes streams', async () => void (await check([shop.IStreams], { isStreamed: true })));
  test.for(['tls', 'tls-with-certificate', 'windows'] as const)(
    'takes policies of %s',
    async (transport) => void (await check([ICalculator], { transport })),
  );
  test('takes random contracts', () =>
    fc.assert(
      fc.asyncProperty(contracts, async (contract) => void (await check([contract]))),
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
