import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageVersion } from '../../shared/own-package.ts';
import { run } from '../run.ts';
import { ROOT } from './package.ts';

/** Where the peers' package.json, lock file and node_modules are. */
const BENCH_DIRECTORY = path.join(ROOT, 'scripts/bench/');

const resolver = createRequire(`${BENCH_DIRECTORY}package.json`);

/** Installs the peers from their lock file, unless they are there. */
export async function installPeers(): Promise<void> {
  if (existsSync(`${BENCH_DIRECTORY}node_modules`)) return;
  process.stderr.write('Installing what is compared with, into scripts/bench/node_modules …\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', BENCH_DIRECTORY];
  await run([npm, ...args], { shows: 'errors' });
}

/** Loads a peer. The caller knows its shape: the peers' types are not installed with the suite. */
export async function loadPeer(name: string): Promise<unknown> {
  const loaded = (await import(pathToFileURL(resolver.resolve(name)).href)) as {
    readonly default?: unknown;
  };
  return loaded.default ?? loaded;
}

/** Why a peer cannot be loaded, or `undefined`. */
export async function missingPeer(name: string): Promise<string | undefined> {
  try {
    await loadPeer(name);
    return undefined;
  } catch {
    return `${name} is not installed in scripts/bench`;
  }
}

/** Versions of the suite and of all that it is compared with, in one line. */
export async function describeVersions(): Promise<string> {
  const haproxy = /version (\S+)/.exec((await run(['haproxy', '-v'])).stdout)?.[1];
  const versions = {
    'net-tcp-port-sharing': packageVersion(),
    ...peerVersions(),
    ...(haproxy === undefined ? {} : { HAProxy: haproxy }),
  };
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

/** Versions of the installed peers, from their package.json files. */
function peerVersions(): Readonly<Record<string, string>> {
  const { dependencies } = readJson(`${BENCH_DIRECTORY}package.json`) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const versions: Record<string, string> = {};
  for (const name of Object.keys(dependencies)) {
    const file = `${BENCH_DIRECTORY}node_modules/${name}/package.json`;
    if (!existsSync(file)) continue;
    versions[name] = (readJson(file) as { readonly version: string }).version;
  }
  return versions;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
