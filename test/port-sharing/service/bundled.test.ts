// A service that somebody has bundled, with this package in it: there is no daemon's file beside it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';
import { expect, test } from 'vitest';
import { output } from '../../../scripts/run.ts';
import { privateDirectory } from '../../helpers/command.ts';

const PACKAGE = path.resolve('dist/shared/index.js');
const SERVICE = `
import { ICalculator, NetTcpBinding, ServiceHost } from ${JSON.stringify(PACKAGE)};
const method = () => 0;
const calculator = { Add: method, Subtract: method, Multiply: method, Divide: method };
const host = new ServiceHost(new NetTcpBinding({ portSharing: true }));
host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:29000/calculator/1');
host.open().then(() => console.log('listening'), (error) => console.log(error.code, error.message));
`;

test.for([
  ['esm', 'mjs'],
  ['cjs', 'cjs'],
] as const)(
  'as %s it says that the package has to stay out of the bundle',
  async ([format, extension]) => {
    const directory = privateDirectory();
    const input = path.join(directory, 'service.js');
    const file = path.join(directory, `bundle.${extension}`);
    writeFileSync(input, SERVICE);
    await build({
      input,
      platform: 'node',
      logLevel: 'silent',
      output: { file, format, codeSplitting: false },
    });
    const env = { ...process.env, NET_TCP_PORT_SHARING_DIR: path.join(directory, 'd') };
    expect(await output([process.execPath, file], { env })).toMatch(
      /^Communication .* leave the package net-tcp-port-sharing out of the bundle/,
    );
  },
);
