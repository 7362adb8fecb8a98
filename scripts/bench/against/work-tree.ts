import { readFileSync, symlinkSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { output } from '../../run.ts';
import { removeDirectory, temporaryDirectory } from '../../temporary.ts';
import { BuiltPackage, ROOT } from '../package.ts';

/** Another commit, built in a git work tree of its own. */
interface WorkTree {
  readonly suite: BuiltPackage;
  /** Abbreviated hash and subject. */
  readonly name: string;
  remove(): Promise<void>;
}

/**
 * Checks a commit out and builds it with its own build script. Its dependencies are this commit's where the two
 * lock files are the same; else they are installed.
 *
 * @throws {Error} if there is no such commit, or if it cannot be built; with what git or npm said
 */
export async function buildCommit(ref: string, onStep: (text: string) => void): Promise<WorkTree> {
  const commit = await git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`).catch(() => {
    throw new Error(`There is no commit "${ref}" in ${ROOT}.`);
  });
  const directory = temporaryDirectory();
  const root = path.join(directory, 'tree');
  onStep(`checking ${ref} out`);
  // Forgets the work trees of interrupted runs.
  await git('worktree', 'prune');
  await git('worktree', 'add', '--detach', root, commit);
  try {
    if (isLockedAlike(root)) symlinkSync(path.join(ROOT, 'node_modules'), modulesOf(root), 'dir');
    else {
      onStep(`installing what ${ref} depends on`);
      await npm(root, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline');
    }
    onStep(`building ${ref}`);
    await npm(root, 'run', 'build');
  } catch (error) {
    await remove(directory, root);
    throw error;
  }
  return {
    suite: new BuiltPackage(root),
    name: await git('log', '-1', '--format=%h %s', commit),
    remove: () => remove(directory, root),
  };
}

async function remove(directory: string, root: string): Promise<void> {
  try {
    // A link to this commit's modules goes first: nothing may be removed through it.
    unlinkSync(modulesOf(root));
  } catch {
    // It is a directory.
  }
  removeDirectory(directory);
  await git('worktree', 'prune');
}

function isLockedAlike(root: string): boolean {
  const [ours, theirs] = [ROOT, root].map((at) => readFileSync(path.join(at, 'package-lock.json')));
  return ours !== undefined && theirs !== undefined && ours.equals(theirs);
}

function modulesOf(root: string): string {
  return path.join(root, 'node_modules');
}

async function git(...words: readonly string[]): Promise<string> {
  return (await output(['git', '-C', ROOT, ...words])).trim();
}

async function npm(cwd: string, ...words: readonly string[]): Promise<void> {
  const program = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await output([program, ...words], { cwd, isGroup: true });
}
