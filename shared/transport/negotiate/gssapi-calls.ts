import type { Koffi } from '../../load-later.ts';

/** An address in the library's memory. */
export type Handle = bigint;

/** A function of the library. Its first parameter is an array of one that gets the minor status. */
export type NativeCall = ((minor: [number], ...args: readonly unknown[]) => number) & {
  readonly async: (minor: [number], ...args: readonly unknown[]) => void;
};

export interface GssBuffer {
  readonly length: number;
  readonly value: Uint8Array | Handle | null;
}

interface LucidKey {
  /** Encryption type, as numbered by RFC 3961. */
  readonly type: number;
  readonly length: number;
  readonly data: Handle;
}

/** `gss_krb5_lucid_context_v1_t`, without the fields of older protocols. */
interface LucidContext {
  readonly send_seq: number | bigint;
  readonly recv_seq: number | bigint;
  /** 1: that of RFC 4121. */
  readonly protocol: number;
  readonly have_acceptor_subkey: number;
  readonly ctx_key: LucidKey;
  readonly acceptor_subkey: LucidKey;
}

export interface GssCalls {
  readonly importName: NativeCall;
  readonly acquireWithPassword: NativeCall;
  readonly initContext: NativeCall;
  readonly displayStatus: NativeCall;
  readonly exportLucid: NativeCall;
  readonly freeLucid: NativeCall;
  readonly releaseBuffer: NativeCall;
  readonly releaseName: NativeCall;
  readonly releaseCredential: NativeCall;
  readonly deleteContext: NativeCall;
  readonly readLucid: (at: Handle) => LucidContext;
}

type Library = ReturnType<Koffi['load']>;

/** The functions of RFC 2744 and of MIT's `gssapi_krb5.h` that a client needs; Heimdal's have the same form. */
export function declareCalls(koffi: Koffi, library: Library): GssCalls {
  // Both libraries' headers pack their structures on macOS for Intel.
  const isPacked = process.platform === 'darwin' && process.arch === 'x64';
  const struct = isPacked ? koffi.pack : koffi.struct;
  const buffer = struct({ length: 'size_t', value: 'void *' });
  const oid = struct({ length: 'uint32_t', elements: 'void *' });
  const oids = struct({ count: 'size_t', elements: koffi.pointer(oid) });
  const key = struct({ type: 'uint32_t', length: 'uint32_t', data: 'void *' });
  const lucid = struct({
    version: 'uint32_t',
    initiate: 'uint32_t',
    endtime: 'uint32_t',
    send_seq: 'uint64_t',
    recv_seq: 'uint64_t',
    protocol: 'uint32_t',
    old_keys: struct({ sign_alg: 'uint32_t', seal_alg: 'uint32_t', ctx_key: key }),
    have_acceptor_subkey: 'uint32_t',
    ctx_key: key,
    acceptor_subkey: key,
  });

  const number = 'uint32_t';
  const handle = 'void *';
  const unused = 'void *';
  const numberOut = koffi.out('uint32_t *');
  const handleOut = koffi.out('void **');
  const handleInOut = koffi.inout('void **');
  const bufferIn = koffi.pointer(buffer);
  const bufferOut = koffi.out(koffi.pointer(buffer));
  const oidIn = koffi.pointer(oid);

  type Type = Parameters<Koffi['sizeof']>[0];
  const define = (name: string, ...parameters: readonly Type[]): NativeCall =>
    library.func(name, number, [numberOut, ...parameters]) as unknown as NativeCall;

  return {
    importName: define('gss_import_name', bufferIn, oidIn, handleOut),
    acquireWithPassword: define(
      'gss_acquire_cred_with_password',
      handle,
      bufferIn,
      number,
      koffi.pointer(oids),
      'int',
      handleOut,
      unused,
      unused,
    ),
    initContext: define(
      'gss_init_sec_context',
      handle,
      handleInOut,
      handle,
      oidIn,
      number,
      number,
      unused,
      bufferIn,
      unused,
      bufferOut,
      unused,
      unused,
    ),
    displayStatus: define(
      'gss_display_status',
      number,
      'int',
      oidIn,
      koffi.inout('uint32_t *'),
      bufferOut,
    ),
    exportLucid: define('gss_krb5_export_lucid_sec_context', handleInOut, number, handleOut),
    freeLucid: define('gss_krb5_free_lucid_sec_context', handle),
    releaseBuffer: define('gss_release_buffer', koffi.inout(koffi.pointer(buffer))),
    releaseName: define('gss_release_name', handleInOut),
    releaseCredential: define('gss_release_cred', handleInOut),
    deleteContext: define('gss_delete_sec_context', handleInOut, unused),
    readLucid: (at) => koffi.decode(at, lucid) as LucidContext,
  };
}
