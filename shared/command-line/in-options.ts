import { CLIENT_SECURITY, SERVICE_SECURITY } from './security-options.ts';

/** Options whose name is not that of the credential which they give. */
const OPTION_OF: Readonly<Record<string, string>> = {
  userName: 'user',
  servicePrincipalName: 'spn',
  clientCa: 'client-ca',
};
const OPTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(SERVICE_SECURITY),
  ...Object.keys(CLIENT_SECURITY),
]);

const NAMED = /\bcredentials\.(\w+)|(?<=\boption )(\w+) of the credentials of \w+/g;

/** The text of an error or a notice with options of the command line in place of what they are in the library: `credentials.ca`. */
export function inOptions(text: string): string {
  return text.replaceAll(NAMED, (all, first: string | undefined, second: string | undefined) => {
    const name = first ?? second ?? '';
    const option = OPTION_OF[name] ?? name;
    return OPTIONS.has(option) ? `--${option}` : all;
  });
}
