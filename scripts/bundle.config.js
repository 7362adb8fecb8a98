// Makes one file of each command: Node takes most of a millisecond to load a module, and a command has up to 130.
// A client's whole call takes two thirds of what it took in single files, and a daemon that died is back sooner.
// Dependencies stay where they are. Who imports the package gets the single files.
import { defineConfig } from 'rolldown';

const COMMANDS = [
  'service/main',
  'client/main',
  'shared/tool/main',
  'shared/port-sharing/daemon-main',
];

export default defineConfig(
  COMMANDS.map((name) => ({
    input: { [name]: `${name}.ts` },
    platform: 'node',
    external: /^[^./]/,
    output: { dir: 'dist', codeSplitting: false },
  })),
);
