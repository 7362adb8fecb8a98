// Makes one file of each command: Node takes most of a millisecond to load a module, and a command has up to 130.
// A client's whole call takes four fifths of the time that way, and a daemon that died is back sooner. Dependencies
// stay where they are, and who imports the package gets the modules.
import { defineConfig } from 'rolldown';

const COMMANDS = [
  'service/main',
  'client/main',
  'shared/tool/main',
  'shared/port-sharing/daemon/main',
];

export default defineConfig(
  COMMANDS.map((name) => ({
    input: { [name]: `${name}.ts` },
    platform: 'node',
    // Names of packages; a path on Windows has a colon.
    external: /^(?:node:|[\w@][^:]*$)/,
    output: { dir: 'dist', codeSplitting: false },
  })),
);
