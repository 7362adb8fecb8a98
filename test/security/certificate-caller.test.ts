// Names as .NET 10 prints them; test/interop/secured asks .NET itself, about more of them.
import { expect, test } from 'vitest';
import { callerOfCertificate } from '../../shared/security/certificate-caller.ts';
import { mutations } from '../encoding/binary-xml/mutations.ts';
import { expectTyped } from '../helpers/expect-typed.ts';

const CERTIFICATES: readonly (readonly [name: string, base64: string])[] = [
  [
    'E=z@example.org, CN="Zoë ""Z"" Müller", DC=example, O="Example, Inc.", S=Hessen, C=DE; 4464AE92165A3F02CA7DC113B092F2F251188D3E',
    'MIICZzCCAg2gAwIBAgIUDfhLnYASyBzCfYgZLizm4ChcoQEwCgYIKoZIzj0EAwIwgYgxCzAJBgNVBAYTAkRFMQ8wDQYD' +
      'VQQIDAZIZXNzZW4xFjAUBgNVBAoMDUV4YW1wbGUsIEluYy4xFzAVBgoJkiaJk/IsZAEZFgdleGFtcGxlMRkwFwYDVQQD' +
      'DBBab8OrICJaIiBNw7xsbGVyMRwwGgYJKoZIhvcNAQkBFg16QGV4YW1wbGUub3JnMB4XDTI2MTEyODA0MTU0NVoXDTM2' +
      'MTEyNTA0MTU0NVowgYgxCzAJBgNVBAYTAkRFMQ8wDQYDVQQIDAZIZXNzZW4xFjAUBgNVBAoMDUV4YW1wbGUsIEluYy4x' +
      'FzAVBgoJkiaJk/IsZAEZFgdleGFtcGxlMRkwFwYDVQQDDBBab8OrICJaIiBNw7xsbGVyMRwwGgYJKoZIhvcNAQkBFg16' +
      'QGV4YW1wbGUub3JnMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENO4IQJogNSu7bUSPW6+uNh7IVtSa8YTJUSCHmKh6' +
      '5OvaOTfA+myEIDgA9b5iZkEm/Uha6CiV0UZ8OP3XFgTD0aNTMFEwHQYDVR0OBBYEFAEnSaUtv45xw8ZC3d3dpvwkm0qV' +
      'MB8GA1UdIwQYMBaAFAEnSaUtv45xw8ZC3d3dpvwkm0qVMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg' +
      'Ypij8psSYJ9WNlLdSZsquqdgcZUXsFEkpc9B3KV5vxICIQC+CwKZBmip2youStUYnuHzRxOA4LxR7d70K+QIm7ACjQ==',
  ],
  [
    '<x509>; 6B32C730099045AA81FC7819AF511419DDCA8B02',
    'MIIBVDCB+6ADAgECAhQdtlU8F+ounDM7bXX2iSaNBZ6e0TAKBggqhkjOPQQDAjAAMB4XDTI2MTEyODA0MTU0NVoXDTM2' +
      'MTEyNTA0MTU0NVowADBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIu6A2NUnZXNsHoPOcZXaHNcYw9tJa6fUFF7a1dU' +
      'u9EqGcDaRikBGA8xTIK3CcImmJl8GqWv2d/GF8CUYKgybyKjUzBRMB0GA1UdDgQWBBSPCA4njHguK0TXH8SHUZT8nqEi' +
      'PTAfBgNVHSMEGDAWgBSPCA4njHguK0TXH8SHUZT8nqEiPTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUC' +
      'IDCNtmfoiOhmPL7LrUGqcig6Gi4HO/wZGtY6LkLAZ8aBAiEAz0j6cVD2fUvnArAd/AH5o0q/mhw6GAFKQmMfAJFkmNw=',
  ],
  [
    'SERIALNUMBER=42 + CN=two, O=A; D80C585474409B04CF058F54E89FE26F34233B53',
    'MIIBnzCCAUWgAwIBAgIUWJcW4NU/vO/wtQQracGIWjqnI8MwCgYIKoZIzj0EAwIwJTEKMAgGA1UECgwBQTEXMAkGA1UE' +
      'BRMCNDIwCgYDVQQDDAN0d28wHhcNMjYxMTI4MDQxNTQ1WhcNMzYxMTI1MDQxNTQ1WjAlMQowCAYDVQQKDAFBMRcwCQYD' +
      'VQQFEwI0MjAKBgNVBAMMA3R3bzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEjhTfRMijuzHFticTS2NFtKYINF2o2B' +
      '5YjkIbk+pC9t5KwV5Ic18D2FJyoCn38vyRPkFiZv+dz23TsAsRxZBROjUzBRMB0GA1UdDgQWBBRvGCP+mv2KxYSb3Mq3' +
      'bIz4BB+GDTAfBgNVHSMEGDAWgBRvGCP+mv2KxYSb3Mq3bIz4BB+GDTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMC' +
      'A0gAMEUCIHqnyQWorn5zPhlBNY5jEeKzTxHkd46RMx/JPyNpm40QAiEA7Wj6DfEeQZa+Xy64dE/CvkqWMJUZXBaivKtY' +
      'ssdK8Ow=',
  ],
];

test.for(CERTIFICATES)('%s', ([name, base64]) => {
  const certificate = Uint8Array.from(Buffer.from(base64, 'base64'));
  expect(callerOfCertificate(certificate)).toEqual({ kind: 'certificate', name, certificate });
});

test.for(CERTIFICATES)('any mutation of that of %s is read or a NetTcpError', ([, base64]) => {
  Error.stackTraceLimit = 0;
  const certificate = Uint8Array.from(Buffer.from(base64, 'base64'));
  for (const bytes of mutations(certificate, 35_000, 1))
    expectTyped(() => callerOfCertificate(bytes));
  for (let end = 0; end < certificate.length; end++) {
    expectTyped(() => callerOfCertificate(certificate.subarray(0, end)));
  }
});
