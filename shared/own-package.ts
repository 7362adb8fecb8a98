import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const NAME = 'net-tcp-port-sharing';

/**
 * The command that manages port sharing, as the user can run it, for messages that say what to do: in a clone of
 * the repository `npm run port-sharing status`, in a project that depends on the package `npx net-tcp-port-sharing
 * status`, with a global installation `net-tcp-port-sharing status`.
 *
 * @param words its subcommand and operands, without options, which npm would take for its own
 */
export function toolCommand(words: string): string {
  return `${caller()} ${words}`;
}

function caller(): string {
  let folder: string;
  try {
    folder = path.dirname(createRequire(import.meta.url).resolve('#package.json'));
  } catch {
    return NAME; // part of somebody else's bundle
  }
  const modules = path.dirname(folder);
  if (path.basename(modules) !== 'node_modules') return 'npm run port-sharing';
  return existsSync(path.join(modules, '.bin', NAME)) ? `npx ${NAME}` : NAME;
}

/** Version of the package. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('#package.json') as {
    readonly version: string;
  };
  return version;
}
