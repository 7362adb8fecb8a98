// A library that has a contract of its own, written by hand or by `import`: its declarations say all of it.
import { readFileSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { run } from '../../../scripts/run.ts';
import { temporaryDirectory } from '../../../scripts/temporary.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { importSource } from '../../../shared/metadata/source/import-source.ts';
import { describe } from '../../../shared/metadata/write/description.ts';
import { readXml } from '../../../shared/metadata/xml/read-xml.ts';
import { largeContract } from './large.ts';

const LIMITS = { ...DEFAULT_LIMITS, maxXmlNodes: 1_000_000 };

function sourceOf(prefix?: string): string {
  const contract = largeContract(prefix);
  const documents = describe('Service', [{ contract, address: 'net.tcp://localhost:9000/a' }]);
  return importSource(
    documents.map(({ text, name }) => readXml(text, name, LIMITS)),
    'a test',
  ).text;
}

/** Compiles modules, as a program does that has the package installed. @returns what the compiler says, and declarations */
async function compile(modules: Readonly<Record<string, string>>) {
  const directory = temporaryDirectory();
  const packages = path.join(directory, 'node_modules');
  mkdirSync(packages);
  symlinkSync(process.cwd(), path.join(packages, 'net-tcp-port-sharing'));
  symlinkSync(path.resolve('node_modules/@types'), path.join(packages, '@types'));
  writeFileSync(path.join(directory, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(modules)) {
    writeFileSync(path.join(directory, `${name}.ts`), text);
  }
  const options = ['--ignoreConfig', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck'];
  const module = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  const out = ['--declaration', '--emitDeclarationOnly', '--outDir', 'out'];
  const files = Object.keys(modules).map((name) => `${name}.ts`);
  const compiler = path.resolve('node_modules/typescript/lib/tsc.js');
  const command = [process.execPath, compiler, ...options, ...module, ...out, ...files];
  const { status, stdout } = await run(command, { cwd: directory });
  const declarations = (name: string): string =>
    readFileSync(path.join(directory, 'out', `${name}.d.ts`), 'utf8');
  return { status, stdout: stdout.slice(0, 2_000), declarations };
}

const USE = `
import type { Implementation, Operations } from 'net-tcp-port-sharing';
import { type Class99, type ClassCircle, IClassLarge } from './large.ts';
export type Proxy = Operations<typeof IClassLarge>;
export const one: Pick<Implementation<typeof IClassLarge>, 'Operation1'> = {
  Operation1: (a, b, list) => (list?.length === b ? a?.Ref7 : null) as never,
};
export const circle: ClassCircle = { Label: 'c', Radius: 1 };
export function nameOf(of: Class99): string | null { return of.Ref7?.Ref7?.Name ?? of.Kind; }
`;

test('of a generated contract of 300 operations', { timeout: 600_000 }, async () => {
  const large = sourceOf().replace(/$/, '');
  const rewritten = USE.replace('./large.ts', './large.js');
  const { status, stdout, declarations } = await compile({ large, use: rewritten });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  const text = declarations('large');
  expect(text).toContain(
    'export declare const IClassLarge: import("net-tcp-port-sharing").Contract<',
  );
  expect(text).toContain('readonly ["a", types.NillableType<Class1 | null>]');
  expect(text).toMatch(/export interface Class99 \{/);
  expect(text).toMatch(/export interface ClassCircle extends ClassShape \{/);
});

test(
  'of one that is written by hand, with types that have no names',
  { timeout: 600_000 },
  async () => {
    const hand = `
import {
  defineContract, header, headerArray, message, oneWay, operation, results, types,
} from 'net-tcp-port-sharing';
export const Item = types.object('Item', { Id: types.int, At: types.optional(types.dateTimeOffset) });
export const Special = types.object('Special', { By: types.guid }, { base: Item, abstract: true });
export const Tenant = header('Tenant', types.string);
export const Tags = headerArray('Tag', types.string);
export const Put = message({ headers: { Tags }, body: { Data: types.stream } });
export const ITold = defineContract({ name: 'ITold', operations: { Tell: oneWay([['v', types.any([Item])]]) } });
export const definition = operation([['v', types.known(Item, [Special])]], results({ a: types.xml, b: Item }));
export const IHand = defineContract({
  name: 'IHand',
  callback: ITold,
  extends: [defineContract({ name: 'IBase', operations: { Base: operation([]) } })],
  operations: {
    Put: operation(Put, types.nothing, { faults: [Item] }),
    Swap: definition,
    Map: operation([['m', types.dictionary(types.string, types.array(Item))]], types.tuple(types.int, Item)),
  },
});
`;
    const { status, stdout, declarations } = await compile({ hand });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(declarations('hand')).toContain('OperationDefinition<');
    expect(declarations('hand')).not.toContain('/dist/');
  },
);

// prettier-ignore
test.for<readonly [string, string, string]>([
  ['a member of another type', "{ Id: types.string, Note: types.optional(types.string) }", "not assignable to type 'number"],
  ['one that may not be left out', "{ Id: types.int, Note: types.string }", 'from type \'Member<string | undefined, "optional">\''],
  ['one that is missing', "{ Note: types.optional(types.string) }", "Property 'Id' is missing"],
  ['one too many', "{ Id: types.int, Note: types.optional(types.string), More: types.int }", "'More' does not exist"],
])('an interface that its class does not keep is an error: %s', { timeout: 600_000 }, async ([, members, why]) => {
  const odd = `
import { types } from 'net-tcp-port-sharing';
export interface Base { Id: number; Note?: string; }
export const Base = types.object<Base, 'Base'>('Base', ${members});
`;
  const { status, stdout } = await compile({ odd });
  expect(status).not.toBe(0);
  expect(stdout).toContain(why);
});

test('long names are laid out as Prettier has them', { timeout: 600_000 }, async () => {
  const source = sourceOf('GetCustomersOfRegionResponseEnvelope');
  const options = { parser: 'typescript', singleQuote: true, printWidth: 100 };
  expect(await format(source, options)).toBe(source);
});
