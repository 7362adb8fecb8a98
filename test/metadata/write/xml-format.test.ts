// Operations of the format xmlSerializer are in no metadata: their schemas would be others.
import { expect, test } from 'vitest';
import { describe as describeService } from '../../../shared/metadata/write/description.ts';
import { IPersons } from '../../fixtures/persons.ts';

test('only the operations that are data contracts are described', () => {
  const endpoint = { contract: IPersons, address: 'net.tcp://localhost:9000/persons' };
  const text = describeService('Service', [endpoint as never])
    .map((one) => one.text)
    .join('\n');
  const named = [...text.matchAll(/<wsdl:operation [^>]*name="([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(['Plain']));
  expect(text).not.toContain('EchoPerson');
});
