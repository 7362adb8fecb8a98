import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from '../../scripts/temporary.ts';
import { RunningProcess } from '../../scripts/process.ts';

/**
 * Real WCF programs to prove our service and client against: finds out which are to be had on this machine
 * and builds them when their sources changed. See peers/README.md for what they do.
 */

/** A program, or two, that speaks net.tcp; `ours` is one too. */
export interface Peer {
  readonly name: PeerName;
  /** What runs it, such as `Mono 6.8.0.105`. */
  readonly version: string;
  /** Command that starts its client; absent when it has none. */
  readonly client?: readonly string[];
  /** Command that starts its service; absent when it has none. */
  readonly service?: readonly string[];
}

export const PEER_NAMES = ['mono', 'dotnet', 'ours'] as const;
type PeerName = (typeof PEER_NAMES)[number];

/** A peer, or a half of one, that is not to be had here, and why. */
export interface MissingPeer {
  readonly name: string;
  readonly reason: string;
}

interface FoundPeers {
  readonly peers: readonly Peer[];
  readonly missing: readonly MissingPeer[];
}

/** The repository's root, from the sources as well as from `dist`. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));
const SOURCES = join(ROOT, 'test/interop/peers');
/** Milliseconds: the first build of the .NET client also fetches its packages. */
const BUILD_DEADLINE_MS = 300_000;

/** Finds every peer, builds those that need it. Never fails: what is not to be had is in `missing`. */
export async function findPeers(): Promise<FoundPeers> {
  const found = await Promise.all([findMono(), findDotnet()]);
  const all = [...found, ...findOurs()];
  return {
    peers: all.filter((peer) => 'version' in peer),
    missing: all.filter((peer) => 'reason' in peer),
  };
}

async function findMono(): Promise<Peer | MissingPeer> {
  const name = 'mono';
  try {
    const version = /version ([\d.]+)/.exec(await run('mono', ['--version']))?.[1] ?? '?';
    const out = await cached(
      name,
      version,
      ['contract', 'service', 'client', 'mono'],
      (directory) => run(join(SOURCES, 'mono/build.sh'), [directory]),
    );
    return {
      name,
      version: `Mono ${version}`,
      client: ['mono', join(out, 'client.exe')],
      service: ['mono', join(out, 'service.exe')],
    };
  } catch (error) {
    return { name, reason: `${reasonOf(error)} (test/interop/peers/mono/install.sh installs it)` };
  }
}

async function findDotnet(): Promise<Peer | MissingPeer> {
  const name = 'dotnet';
  try {
    const { out, version } = await buildDotnet('client', ['contract', 'client']);
    const project = readFileSync(join(SOURCES, 'dotnet/client/client.csproj'), 'utf8');
    const netTcp = /System\.ServiceModel\.NetTcp" Version="\[([\d.]+)\]/.exec(project)?.[1] ?? '?';
    return {
      name,
      version: `System.ServiceModel.NetTcp ${netTcp}, .NET SDK ${version}`,
      client: ['dotnet', out],
    };
  } catch (error) {
    return { name, reason: reasonOf(error) };
  }
}

/**
 * Builds a program of `peers/dotnet/`, once for these sources and this SDK.
 *
 * @param beside folders that its project takes sources of
 * @returns the file to run with `dotnet`, and the SDK's version
 * @throws {Error} where there is no SDK, or the compiler says no
 */
export async function buildDotnet(
  program: string,
  beside: readonly string[] = [],
): Promise<{ readonly out: string; readonly version: string }> {
  const version = (await run('dotnet', ['--version'])).trim();
  const folders = [...beside, `dotnet/${program}`];
  const out = await cached(`dotnet-${program}`, version, folders, async (directory) => {
    // Built in a copy: the compiler writes beside the project file.
    for (const folder of folders) {
      await cp(join(SOURCES, folder), join(directory, folder), { recursive: true });
    }
    const project = join(directory, `dotnet/${program}/${program}.csproj`);
    const options = ['-c', 'Release', '-o', join(directory, 'out'), '-nodeReuse:false'];
    await run('dotnet', ['build', project, ...options]);
  });
  return { out: join(out, `out/${program}.dll`), version };
}

/** Our own programs with the same interface. */
function findOurs(): (Peer | MissingPeer)[] {
  const programs = { service: 'wcf-service.js', client: 'wcf-client.js' };
  const found: { client?: readonly string[]; service?: readonly string[] } = {};
  const missing: MissingPeer[] = [];
  for (const role of ['service', 'client'] as const) {
    const path = join(ROOT, 'dist/test/fixtures', programs[role]);
    if (existsSync(path)) found[role] = [process.execPath, path];
    else missing.push({ name: `our ${role}`, reason: `no dist/test/fixtures/${programs[role]}` });
  }
  const version = `Node ${process.versions.node}`;
  return [
    ...(missing.length < 2 ? [{ name: 'ours' as const, version, ...found }] : []),
    ...missing,
  ];
}

/**
 * The directory that `build` filled for these sources and this compiler, now or an earlier time.
 * @throws what `build` throws
 */
async function cached(
  name: string,
  compiler: string,
  folders: readonly string[],
  build: (directory: string) => Promise<unknown>,
): Promise<string> {
  const hash = createHash('sha256').update(compiler);
  for (const folder of folders) {
    const files = readdirSync(join(SOURCES, folder), { recursive: true, withFileTypes: true });
    for (const file of files
      .filter((entry) => entry.isFile())
      .map(pathOf)
      .toSorted()) {
      hash.update(`\0${file.slice(SOURCES.length)}\0`).update(readFileSync(file));
    }
  }
  return await cachedDirectory(`interop-peers/${name}-${hash.digest('hex').slice(0, 16)}`, build);
}

function pathOf(entry: { readonly parentPath: string; readonly name: string }): string {
  return join(entry.parentPath, entry.name);
}

/** @returns what the command prints; @throws with what it printed when it fails */
async function run(command: string, arguments_: readonly string[]): Promise<string> {
  const options = { input: '', deadlineMs: BUILD_DEADLINE_MS, isGroup: true };
  const started = new RunningProcess([command, ...arguments_], options);
  const { status, stdout, stderr } = await started.finished;
  if (status === 0) return stdout;
  throw new Error(firstError(`${stdout}\n${stderr}`) ?? `${command} ${started.how}`);
}

/** The first line that says error, without the path in front of it. */
function firstError(output: string): string | undefined {
  return output
    .split('\n')
    .find((line) => line.includes('error'))
    ?.replace(/^.*?(?=error)/, '')
    .trim();
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function findRoot(directory: string): string {
  // Built files lie deeper than sources, and `dist` has no package.json.
  return existsSync(join(directory, 'package.json')) ? directory : findRoot(dirname(directory));
}
