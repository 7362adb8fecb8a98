// The architecture, as a test: a folder imports only from folders above it in this list.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const RPC = [
  'shared',
  'shared/framing',
  'shared/session',
  'shared/security',
  'shared/contract/types',
  'shared/contract',
  'shared/encoding',
  'shared/encoding/streams',
  'shared/metadata/write',
  'shared/security/message-credentials',
  'shared/transport/fronts',
  'shared/transport',
  'shared/rpc',
];
/** Each folder, and the folders it may import from, lowest first. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  'shared/framing': ['shared'],
  'shared/session': ['shared', 'shared/framing'],
  'shared/security': ['shared'],
  'shared/command-line': ['shared', 'shared/security'],
  'shared/contract/types': ['shared'],
  'shared/contract': ['shared', 'shared/contract/types', 'shared/security'],
  'shared/encoding': ['shared', 'shared/contract/types', 'shared/contract'],
  'shared/encoding/msgpack': [
    'shared',
    'shared/contract/types',
    'shared/contract',
    'shared/encoding',
  ],
  'shared/encoding/binary-xml': ['shared', 'shared/contract/types', 'shared/contract'],
  'shared/encoding/streams': ['shared', 'shared/contract', 'shared/encoding/binary-xml'],
  'shared/encoding/soap': [
    'shared',
    'shared/contract/types',
    'shared/contract',
    'shared/encoding',
    'shared/encoding/binary-xml',
  ],
  'shared/metadata/xml': ['shared', 'shared/contract/types'],
  'shared/metadata/read': [
    'shared',
    'shared/contract/types',
    'shared/contract',
    'shared/metadata/xml',
  ],
  'shared/metadata/write': [
    'shared',
    'shared/contract/types',
    'shared/contract',
    'shared/metadata/xml',
    'shared/encoding',
    'shared/encoding/binary-xml',
  ],
  'shared/metadata/source': [
    'shared',
    'shared/contract/types',
    'shared/contract',
    'shared/metadata/xml',
    'shared/metadata/read',
  ],
  'shared/security/negotiate': ['shared', 'shared/security'],
  'shared/security/message-credentials': ['shared', 'shared/encoding', 'shared/security'],
  'shared/transport/fronts': ['shared'],
  'shared/transport': ['shared', 'shared/encoding', 'shared/security', 'shared/transport/fronts'],
  'shared/transport/tls': [
    'shared',
    'shared/security',
    'shared/security/message-credentials',
    'shared/transport',
  ],
  'shared/transport/negotiate': [
    'shared',
    'shared/security',
    'shared/security/negotiate',
    'shared/transport/fronts',
    'shared/transport',
  ],
  'shared/rpc': [
    'shared',
    'shared/framing',
    'shared/session',
    'shared/security',
    'shared/contract/types',
    'shared/contract',
    'shared/encoding',
    'shared/transport/fronts',
    'shared/transport',
  ],
  'shared/rpc/streams': RPC,
  'shared/rpc/calls': RPC,
  'shared/rpc/dispatch': [...RPC, 'shared/rpc/streams'],
  'shared/rpc/client': [...RPC, 'shared/rpc/streams', 'shared/rpc/calls', 'shared/rpc/dispatch'],
  'shared/rpc/service': [...RPC, 'shared/rpc/streams', 'shared/rpc/calls', 'shared/rpc/dispatch'],
  'shared/telemetry': ['shared', 'shared/contract', 'shared/rpc'],
  'shared/port-sharing/machine': ['shared', 'shared/transport/fronts', 'shared/transport'],
  'shared/port-sharing/handshake': ['shared', 'shared/transport', 'shared/port-sharing/machine'],
  'shared/port-sharing/service': [
    'shared',
    'shared/transport/fronts',
    'shared/transport',
    'shared/port-sharing/machine',
    'shared/port-sharing/handshake',
  ],
  'shared/port-sharing/daemon': [
    'shared',
    'shared/command-line',
    'shared/framing',
    'shared/session',
    'shared/transport/fronts',
    'shared/transport',
    'shared/port-sharing/machine',
    'shared/port-sharing/handshake',
  ],
  'shared/fleet/registry': ['shared'],
  'shared/fleet/publish': [
    'shared',
    'shared/port-sharing/machine',
    'shared/port-sharing/handshake',
    'shared/fleet/registry',
  ],
  'shared/fleet/front': ['shared', 'shared/port-sharing/machine', 'shared/fleet/registry'],
  'shared/tool/decode': [
    'shared',
    'shared/framing',
    'shared/encoding/msgpack',
    'shared/encoding/binary-xml',
  ],
  'shared/tool/import': [
    'shared',
    'shared/command-line',
    'shared/security',
    'shared/metadata/xml',
    'shared/metadata/read',
    'shared/metadata/source',
    'shared/port-sharing/machine',
    'shared/encoding',
    'shared/rpc/client',
  ],
  'shared/tool/fleet': [
    'shared',
    'shared/security',
    'shared/command-line',
    'shared/port-sharing/machine',
    'shared/port-sharing/handshake',
    'shared/fleet/registry',
    'shared/fleet/publish',
    'shared/fleet/front',
  ],
  'shared/tool/health': [
    'shared',
    'shared/command-line',
    'shared/contract',
    'shared/transport/fronts',
    'shared/rpc/client',
  ],
  'shared/tool': [
    'shared',
    'shared/tool/decode',
    'shared/command-line',
    'shared/framing',
    'shared/security',
    'shared/security/negotiate',
    'shared/transport/fronts',
    'shared/transport',
    'shared/port-sharing/machine',
    'shared/port-sharing/handshake',
    'shared/port-sharing/service',
    'shared/port-sharing/daemon',
    'shared/telemetry',
    'shared/tool/import',
    'shared/tool/fleet',
    'shared/tool/health',
  ],
  service: [
    'shared',
    'shared/security',
    'shared/command-line',
    'shared/contract/types',
    'shared/contract',
    'shared/rpc',
    'shared/rpc/service',
  ],
  client: [
    'shared',
    'shared/security',
    'shared/command-line',
    'shared/contract/types',
    'shared/contract',
    'shared/rpc',
    'shared/rpc/client',
  ],
};
/** Files beside the folders that put them together: what users of the package import. */
const COMPOSITION = ['shared/index.ts', 'shared/net-tcp-binding.ts'];
/** The folders that use what those put together. */
const COMPOSED = ['service', 'client', 'shared/tool/import', 'shared/tool/health'];
const PURE = [
  'shared/framing',
  'shared/session',
  'shared/contract',
  'shared/encoding',
  'shared/metadata',
  'shared/security',
];
/** Modules that the pure folders may import: they compute, and touch neither the machine nor the clock. */
const PURE_MODULES: Readonly<Record<string, readonly string[]>> = {
  'shared/security': ['node:crypto'],
  'shared/contract': ['node:stream'], // for one of its types
  'shared/metadata': ['saxes'],
};
const RUNTIME_PACKAGES = ['yargs', 'chalk', 'msgpackr', 'saxes', 'koffi'];

const files = ['shared', 'service', 'client'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(root, name.replaceAll('\\', '/'))),
);

/** The first three levels: `shared/port-sharing/daemon/routes` belongs to `shared/port-sharing/daemon`. */
function folderOf(file: string): string {
  return path.posix.dirname(file).split('/').slice(0, 3).join('/');
}

/** Without their third level: what holds for all of `shared/encoding`. */
function partOf(file: string): string {
  return path.posix.dirname(file).split('/').slice(0, 2).join('/');
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:\bfrom|\bimport\(|(?<!')\bimport)\s*'([^']+)'/g)].map(
    ([, name = '']) => name,
  );
}

test('the table has no circle and names every folder', () => {
  const above: string[] = [];
  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    expect(above, `above ${folder}`).toEqual(expect.arrayContaining([...allowed]));
    above.push(folder);
  }
  expect(new Set(files.map(folderOf))).toEqual(new Set(above));
});

test.for(files)('%s imports only what its folder may', (file) => {
  if (COMPOSITION.includes(file)) return;
  const folder = folderOf(file);
  for (const name of importsOf(file)) {
    const where = `${file} imports ${name}`;
    if (name.startsWith('.')) {
      const target = path.posix.join(path.posix.dirname(file), name);
      const isComposition = COMPOSITION.includes(target);
      if (isComposition) expect(COMPOSED, where).toContain(folder);
      else expect([folder, ...(MAY_IMPORT[folder] ?? [])], where).toContain(folderOf(target));
    } else if (PURE.includes(partOf(file))) {
      expect(PURE_MODULES[partOf(file)] ?? [], `${where}: this folder is pure`).toContain(name);
    } else if (!name.startsWith('node:')) {
      expect(RUNTIME_PACKAGES, where).toContain(name.split('/')[0]);
    }
  }
});

test.for(files.filter((file) => PURE.includes(partOf(file))))(
  '%s knows no process and no Buffer',
  (file) => {
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(code).not.toMatch(/\b(?:Buffer\b|process\.[a-z]|setTimeout|globalThis|require\()/);
  },
);

test('runtime dependencies are those that the design names', () => {
  const {
    dependencies,
    optionalDependencies,
  }: Record<string, Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(
    [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {})].sort(),
  ).toEqual([...RUNTIME_PACKAGES].sort());
});

test('test/ has the folders that its subjects have', () => {
  const folders = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.posix.dirname(name.replaceAll('\\', '/')));
  const stray = folders.filter((folder) => !existsSync(`shared/${folder}`) && !existsSync(folder));
  expect(new Set(stray)).toEqual(new Set(['interop'])); // its subject is scripts/interop.ts
});
