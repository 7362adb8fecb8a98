// The C# of docs/examples: compiled as it is, and called.
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.ts';
import { RunningProcess } from '../../scripts/process.ts';
import { output, run } from '../../scripts/run.ts';
import { removeDirectory, temporaryDirectory } from '../../scripts/temporary.ts';
import { ROOT } from './peers.ts';

const EXAMPLES = join(ROOT, 'docs/examples');
const DEADLINE_MS = 30_000;
const BUILD_DEADLINE_MS = 300_000;
const RESULT = 'Add(100,15.99) = 115.99\n';

const ours = (entry: string, words: readonly string[]): readonly string[] => [
  process.execPath,
  join(ROOT, `dist/${entry}/main.cjs`),
  ...words,
];

/** What compiles C#. .NET has a client only: `System.ServiceModel.NetTcp` has no service. */
type Compiler = 'mono' | 'dotnet';

/** @returns why `compiler` cannot be used on this machine; `undefined` if it can */
export async function reasonAgainst(compiler: Compiler): Promise<string | undefined> {
  const command = compiler === 'mono' ? 'mcs' : 'dotnet';
  const version = new RunningProcess([command, '--version'], {
    input: '',
    deadlineMs: DEADLINE_MS,
  });
  const { status } = await version.finished;
  if (status === 0) return undefined;
  const remedy = compiler === 'mono' ? ' (test/interop/peers/mono/install.sh installs it)' : '';
  return `${command} ${version.how}${remedy}`;
}

/**
 * Compiles the C# examples, has the client call our service and, with Mono, our client the service, alone, behind
 * a port mapping and behind a static route.
 *
 * @param env of all processes; names the directory of a daemon
 * @returns what is not as it should be; empty when all is well
 */
export async function checkExamples(
  compiler: Compiler,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const directory = temporaryDirectory();
  try {
    if (compiler === 'dotnet') return await callOurs(await buildForNet(directory), env);
    const [client, service] = await Promise.all(
      ['WcfClient', 'WcfService'].map((name) => buildForMono(name, directory)),
    );
    return [
      ...(await callOurs(client ?? [], env)),
      ...(await callTheirs(service ?? [], env)),
      ...(await callMapped(service ?? [], env)),
      ...(await callRouted(service ?? [], env)),
    ];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    // The daemon's directory may be about to be removed.
    await run(ours('shared/tool', ['stop']), { env });
    removeDirectory(directory);
  }
}

/** @returns the command that runs it */
async function buildForMono(name: string, directory: string): Promise<readonly string[]> {
  const program = join(directory, `${name}.exe`);
  const options = ['-nologo', '-warnaserror', '-r:System.ServiceModel', `-out:${program}`];
  await output(['mcs', ...options, join(EXAMPLES, `${name}.cs`)], {
    deadlineMs: BUILD_DEADLINE_MS,
  });
  return ['mono', program];
}

async function buildForNet(directory: string): Promise<readonly string[]> {
  await cp(join(EXAMPLES, 'WcfClient.cs'), join(directory, 'WcfClient.cs'));
  // The same package, target and warnings as the client of the scenarios.
  const scenarios = join(ROOT, 'test/interop/peers/dotnet/client/client.csproj');
  await cp(scenarios, join(directory, 'example.csproj'));
  await writeFile(
    join(directory, 'Directory.Build.targets'),
    `<Project><ItemGroup><Compile Remove="@(Compile)" /><Compile Include="WcfClient.cs" /></ItemGroup></Project>`,
  );
  const options = ['-c', 'Release', '-o', join(directory, 'out'), '-nodeReuse:false'];
  await output(['dotnet', 'build', join(directory, 'example.csproj'), ...options], {
    deadlineMs: BUILD_DEADLINE_MS,
  });
  return ['dotnet', join(directory, 'out/example.dll')];
}

async function callOurs(client: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const port = String(await freePort());
  const service = new RunningProcess(ours('service', ['--port', port, '--salt', '4381']), { env });
  try {
    await service.said('listening');
    const address = `net.tcp://localhost:${port}/calculator/4381`;
    const said = await output([...client, address], { env, deadlineMs: DEADLINE_MS });
    const nobody = await run([...client, address.replace('4381', '1')], {
      env,
      deadlineMs: DEADLINE_MS,
    });
    return [
      ...(said.trim() === '115.99' ? [] : [`the client says ${JSON.stringify(said)}`]),
      ...(nobody.status === 74
        ? []
        : [`of a number that nobody has the client ends with ${nobody.status}: ${nobody.stderr}`]),
    ];
  } finally {
    await service.stop('SIGTERM');
  }
}

async function callTheirs(service: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const address = `net.tcp://localhost:${await freePort()}/calculator`;
  const theirs = new RunningProcess([...service, address], { env });
  try {
    await theirs.said('listening');
    return await callFrom(address, env);
  } finally {
    await theirs.stop('input');
  }
}

/** Clients know it by another name; not by another port, as Mono has AddressFilterMode and does not heed it. */
async function callMapped(service: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const own = await freePort();
  const address = `net.tcp://localhost:${own}/calculator`;
  const theirs = new RunningProcess([...service, address, address, 'any'], { env });
  try {
    await theirs.said('listening');
    return await callFrom(`net.tcp://public.example:${own}/calculator`, env, ['--via', address]);
  } finally {
    await theirs.stop('input');
  }
}

async function callRouted(service: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const [shared, own] = [await freePort(), await freePort()];
  const address = `net.tcp://localhost:${shared}/orders`;
  const route = (words: readonly string[]): Promise<string> =>
    output(ours('shared/tool', ['route', ...words, '--port', String(shared)]), { env });
  const theirs = new RunningProcess([...service, address, `net.tcp://localhost:${own}/orders`], {
    env,
  });
  try {
    await theirs.said('listening');
    await route(['add', '/orders', `127.0.0.1:${own}`]);
    return await callFrom(address, env);
  } finally {
    await route(['remove', '/orders']);
    await theirs.stop('input');
  }
}

async function callFrom(
  address: string,
  env: NodeJS.ProcessEnv,
  options: readonly string[] = [],
): Promise<string[]> {
  const words = ['--encoding', 'soap', '--address', address, ...options, 'add', '100', '15.99'];
  const said = await output(ours('client', words), { env, deadlineMs: DEADLINE_MS });
  return said === RESULT ? [] : [`of ${address} our client says ${JSON.stringify(said)}`];
}
