import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDirectory, temporaryDirectory } from '../../scripts/temporary.ts';
import { ROOT, type Peer } from './peers.ts';
import { startPeerService } from './processes.ts';
import { freePort } from '../../scripts/free-port.ts';
import { RunningProcess } from '../../scripts/process.ts';
import { output } from '../../scripts/run.ts';

/** What makes a program of the README's C#: its client, or its service until standard input ends. */
const MAIN = `
public static class Program
{
    public static void Main(string[] words)
    {
        if (words[0] == "client")
        {
            Client.Call(words[1]);
            return;
        }
        CalculatorService.Open(words[1]);
        Console.WriteLine("ready " + words[1]);
        Console.In.ReadLine();
        Environment.Exit(0);
    }
}
`;
const REFERENCES = ['-r:System.ServiceModel', '-r:System.Runtime.Serialization'];
const DEADLINE_MS = 30_000;

/**
 * Compiles the C# of the README word for word, has its client call our service, and our client its service.
 *
 * @returns what is not as the README says; empty when all is well
 */
export async function checkReadme(): Promise<string[]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const code = [...readme.matchAll(/^```csharp\n(.*?)^```$/gms)].map(([, text]) => text).join('\n');
  const directory = temporaryDirectory();
  try {
    await writeFile(join(directory, 'readme.cs'), code + MAIN);
    const program = join(directory, 'readme.exe');
    const source = join(directory, 'readme.cs');
    await output(['mcs', '-nologo', '-warnaserror', ...REFERENCES, `-out:${program}`, source]);
    return [...(await callOurs(program)), ...(await callTheirs(program))];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    removeDirectory(directory);
  }
}

async function callOurs(program: string): Promise<string[]> {
  const address = `net.tcp://localhost:${await freePort()}/calculator/4381`;
  // The sample's service as the README starts it, sharing the port.
  const words = ['--port', new URL(address.replace('net.tcp:', 'http:')).port, '--salt', '4381'];
  const main = join(ROOT, 'dist/service/main.js');
  const service = new RunningProcess([process.execPath, main, ...words]);
  try {
    await service.said('listening');
    const stdout = await output(['mono', program, 'client', address], { deadlineMs: DEADLINE_MS });
    return stdout.trim() === '115.99' ? [] : [`the client says ${JSON.stringify(stdout)}`];
  } finally {
    await service.stop('SIGTERM');
    // The daemon's directory is about to be removed.
    await output([process.execPath, join(ROOT, 'dist/shared/tool/main.js'), 'stop']);
  }
}

async function callTheirs(program: string): Promise<string[]> {
  const address = `net.tcp://localhost:${await freePort()}/calculator`;
  const peer: Peer = { name: 'mono', version: '', service: ['mono', program] };
  const service = await startPeerService(peer, { addresses: [address] });
  try {
    const main = join(ROOT, 'dist/client/main.js');
    const words = ['--encoding', 'soap', '--address', address, 'add', '100', '15.99'];
    const stdout = await output([process.execPath, main, ...words], { deadlineMs: DEADLINE_MS });
    return stdout === 'Add(100,15.99) = 115.99\n' ? [] : [`our client says ${stdout}`];
  } finally {
    await service.kill();
  }
}
