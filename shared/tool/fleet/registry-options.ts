import { standardInput } from '../../command-line/input.ts';
import { withPassword } from '../../command-line/secret.ts';
import type { Terminal } from '../../command-line/terminal.ts';
import { NetTcpError } from '../../errors.ts';
import type { RegistryAccess } from '../../fleet/registry/gateway.ts';
import { isPrivate, parseRegistry } from '../../fleet/registry/registry-address.ts';
import { readFileUpTo } from '../../read-file.ts';
import { MAX_CREDENTIAL_BYTES } from '../../security/credentials.ts';
import { environmentError } from '../../system-error.ts';

/** What these commands work with. */
export interface FleetContext {
  readonly terminal: Terminal;
  readonly stop: AbortSignal;
  readonly json: boolean;
}

/** What a command line says of the registry. */
export interface RegistryArguments {
  readonly registry?: string | undefined;
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
}

/**
 * Reads the registry's address, and the files that go with it.
 *
 * @throws {NetTcpError} `Usage` for what does not go together, `Communication` for a file that cannot be read
 */
export async function registryAccess(given: RegistryArguments): Promise<RegistryAccess> {
  const { registry, ca, certificate, key, user, passwordFile } = given;
  if (registry === undefined) {
    throw new NetTcpError('Usage', 'Say where the registry is: --registry etcd://HOST:2379.');
  }
  const address = parseRegistry(registry);
  if (!address.isSecured && (ca ?? certificate ?? key) !== undefined) {
    const text = '--ca, --certificate and --key go with TLS: --registry etcds://HOST:2379.';
    throw new NetTcpError('Usage', text);
  }
  if ((certificate === undefined) !== (key === undefined)) {
    throw new NetTcpError('Usage', '--certificate and --key go together.');
  }
  if (user !== undefined && !isPrivate(address)) {
    const text =
      'A password is not sent in the clear to other machines: use TLS, --registry etcds://HOST:2379.';
    throw new NetTcpError('Usage', text);
  }
  if (passwordFile !== undefined && user === undefined) {
    throw new NetTcpError('Usage', '--password-file needs a user name: --user.');
  }
  const credentials = user === undefined ? {} : { userName: user };
  const { password } = await withPassword(
    { security: undefined, credentials, passwordFile },
    standardInput(),
  );
  return {
    address,
    tls: {
      ca: await contentOf(ca),
      cert: await contentOf(certificate),
      key: await contentOf(key),
    },
    login: user === undefined ? undefined : { name: user, password: password ?? '' },
  };
}

async function contentOf(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFileUpTo(file, MAX_CREDENTIAL_BYTES);
  } catch (cause) {
    throw environmentError(`The file ${file} cannot be read`, cause, 'Name another.');
  }
}
