// Options for security, of the service's command line and of the client's.
import { NetTcpError } from '../errors.ts';
import type { ClientCredentials, ServiceCredentials } from '../security/credentials.ts';
import type { SecurityOptions } from '../security/settings.ts';

/** Of a service. */
export const SERVICE_SECURITY = {
  security: {
    choices: ['none', 'tls'],
    describe: 'what every client has to use; to be said with --bind',
  },
  certificate: { type: 'string', describe: "tls: file of the service's certificate, PEM" },
  key: { type: 'string', describe: 'tls: file of its private key, PEM' },
  'client-ca': {
    type: 'string',
    describe: 'tls: file of the CA whose certificates clients have to show',
  },
} as const;

/** Of a client. */
export const CLIENT_SECURITY = {
  security: { choices: ['none', 'tls'], default: 'none', describe: 'what the service wants' },
  ca: { type: 'string', describe: "tls: file of the CA of the service's certificate, PEM" },
  certificate: { type: 'string', describe: "tls: file of the client's own certificate, PEM" },
  key: { type: 'string', describe: 'tls: file of its private key, PEM' },
} as const;

/** What a command line says of security: for a binding, and beside it. */
export interface CommandSecurity<C> {
  /** `undefined`: nothing was said. */
  readonly security: SecurityOptions | undefined;
  readonly credentials: C;
}

interface ServiceValues {
  readonly security?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly clientCa?: string | undefined;
}

/** @throws {NetTcpError} `Usage` for what does not go together */
export function serviceSecurity({
  security,
  certificate,
  key,
  clientCa,
}: ServiceValues): CommandSecurity<ServiceCredentials> {
  if (security !== 'tls') {
    refuseFiles({ certificate, key, 'client-ca': clientCa });
    return { security: security === undefined ? undefined : { mode: 'None' }, credentials: {} };
  }
  if (certificate === undefined || key === undefined) {
    const text =
      '--security tls needs the files of a certificate and its key: --certificate, --key.';
    throw new NetTcpError('Usage', text);
  }
  return {
    security: transport(clientCa === undefined ? 'None' : 'Certificate'),
    credentials: { certificate, key, ...(clientCa !== undefined && { clientCa }) },
  };
}

interface ClientValues {
  readonly security: string;
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** @throws {NetTcpError} `Usage` for what does not go together */
export function clientSecurity({
  security,
  ca,
  certificate,
  key,
}: ClientValues): CommandSecurity<ClientCredentials> {
  if (security !== 'tls') {
    refuseFiles({ ca, certificate, key });
    return { security: { mode: 'None' }, credentials: {} };
  }
  if ((certificate === undefined) !== (key === undefined)) {
    throw new NetTcpError('Usage', '--certificate and --key belong together.');
  }
  return {
    security: transport(certificate === undefined ? 'None' : 'Certificate'),
    credentials: {
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { certificate }),
      ...(key !== undefined && { key }),
    },
  };
}

/** Refuses a service that others reach whose security nobody named. @throws {NetTcpError} `Usage` */
export function checkNamed(isExposed: boolean, security: SecurityOptions | undefined): void {
  if (!isExposed || security !== undefined) return;
  const text =
    'Other machines will reach this service: say with --security how it is secured. --security tls needs --certificate and --key, and takes --client-ca; --security none leaves it open to all of them.';
  throw new NetTcpError('Usage', text);
}

function transport(clientCredentialType: 'None' | 'Certificate'): SecurityOptions {
  return { mode: 'Transport', transport: { clientCredentialType } };
}

function refuseFiles(files: Readonly<Record<string, string | undefined>>): void {
  for (const [name, file] of Object.entries(files)) {
    if (file === undefined) continue;
    throw new NetTcpError('Usage', `--${name} goes with --security tls only.`);
  }
}
