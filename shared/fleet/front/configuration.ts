import { mapValue, placeOfServer, readMapFile, serverName } from './engine-state.ts';
import { MACHINES } from './pools.ts';
import type { Routing } from './routing.ts';

/** What a front's configuration depends on. */
export interface FrontOptions {
  /** Path of HAProxy's admin socket. */
  readonly socket: string;
  /** Path of the map's file, absolute: HAProxy knows the map by it. */
  readonly map: string;
  /** Where clients connect to, as HAProxy writes it: `0.0.0.0:9000`. */
  readonly listen: string;
  /** How many sets of machines can be balanced over. */
  readonly pools: number;
  /** Whether machines are told the client's address, by the PROXY protocol. */
  readonly isProxied: boolean;
}

/**
 * The part of HAProxy's configuration that an operator keeps, and may change: where it listens, and how it reads the
 * via of a preamble. {@link backendsText} has the rest.
 */
export function configurationText({ socket, map, listen }: FrontOptions): string {
  return `# A front of net.tcp machines: HAProxy 2.6 or newer, with this file and backends.cfg, which the command
#   net-tcp-port-sharing front
# keeps current beside the map of paths, and tells HAProxy at once through the admin socket.
global
    stats socket "${socket}" mode 600 level admin expose-fd listeners
    stats timeout 1h
    log stderr format raw local0 notice
    maxconn 8000
    # A worker that was reloaded keeps its connections, and ends with the last of them, or now.
    hard-stop-after 1h
    # More than a via (2,048 bytes) with what stands before it.
    tune.bufsize 16384

defaults fleet
    mode tcp
    log global
    timeout connect 1s
    # Above the services' receiveTimeout (10 minutes): the front is never the one that ends an idle session.
    timeout client 11m
    timeout server 11m
    timeout check 1s
    # Another machine after the first that refuses: nothing of the preamble was answered, so nothing happens twice.
    retries 2
    option redispatch 1
    # A keep-alive probe finds peers that have vanished.
    option clitcpka
    option srvtcpka

frontend net.tcp from fleet
    bind ${listen}
    tcp-request inspect-delay 5s

    # A condition on req.len that is false waits for more bytes, until inspect-delay is over.
    tcp-request content reject unless { req.len ge 8 }

    # 00 01 00: version 1.0; 01: the mode; 02: the via. What is not net.tcp is no business of the machines.
    acl is_net_tcp req.payload(0,4) -m bin 00010001
    acl has_via    req.payload(5,1) -m bin 02
    tcp-request content reject unless is_net_tcp has_via

    # The via's length is one byte below 128, else two: 7 bits each, least significant first.
    tcp-request content set-var(sess.low)  req.payload(6,1),hex,hex2i
    tcp-request content set-var(sess.high) req.payload(7,1),hex,hex2i
    acl is_short var(sess.low)  -m int lt 128
    acl is_sane  var(sess.high) -m int lt 17
    tcp-request content reject unless is_short or is_sane
    # All of it and one byte more: length + 7 + 1, or (high * 128) + (low - 128) + 8 + 1.
    tcp-request content set-var(sess.need) var(sess.low),add(8) if is_short
    tcp-request content set-var(sess.need) var(sess.high),mul(128),add(sess.low),add(-119) unless is_short
    acl is_whole req.len,sub(sess.need) ge 0
    tcp-request content reject unless is_whole
    tcp-request content set-var(sess.via)  req.payload_lv(6,1),lower if is_short
    # A URI has no control characters: what follows it begins with one (03 or 04, the encoding's record).
    tcp-request content set-var(sess.via)  'req.payload(8,0),regsub("[\\x00-\\x1f].*",""),lower' unless is_short

    # net.tcp://HOST:PORT/a//b/?q -> /a/b/ : host and query do not matter, whole segments compare.
    tcp-request content set-var(sess.path) 'var(sess.via),field(4,/,0),regsub("[?#].*","")'
    tcp-request content set-var(sess.key)  'str(/),concat(,sess.path,/),regsub("/+","/",g)'
    # BACKEND, or BACKEND|SERVER, of the longest prefix.
    tcp-request content set-var(sess.to)   var(sess.key),map_beg("${map}")
    tcp-request content set-var(sess.be)   var(sess.to),field(1,|)
    tcp-request content set-var(sess.srv)  var(sess.to),field(2,|)
    tcp-request content accept

    use_backend %[var(sess.be)] if { var(sess.to) -m found }
    # Nobody has it: any daemon of the fleet says so, as WCF's own does (fault EndpointNotFound).
    default_backend ${MACHINES}

# What health checks say: a preamble for the daemon's own path, net.tcp://health/-/health. 0b is its acknowledgement;
# a daemon that was told to stop answers with a fault.
defaults checked from fleet
    balance leastconn
    option tcp-check
    tcp-check connect default
    tcp-check send-binary 000100010202196e65742e7463703a2f2f6865616c74682f2d2f6865616c746803080c
    tcp-check expect binary 0b
`;
}

/** What is said of each server behind its address: how it is checked, and whether it is told the client's address. */
export function serverOptions({ isProxied }: Pick<FrontOptions, 'isProxied'>): string {
  const checked = 'check inter 2s fastinter 500ms fall 3 rise 2';
  return isProxied ? `${checked} send-proxy-v2 check-send-proxy` : checked;
}

/** `backends.cfg`: all machines, and the pools, as they have to be when HAProxy starts. */
export function* backendsText(routing: Routing, options: FrontOptions): Generator<string> {
  const servers = routing.servers();
  const suffix = serverOptions(options);
  const serversOf = (backend: string): string[] =>
    [...(servers.get(backend) ?? [])].map((at) => `    server ${serverName(at)} ${at} ${suffix}`);
  yield '# Written by net-tcp-port-sharing front: what you change here is lost.';
  yield `backend ${MACHINES} from checked`;
  yield '    use-server %[var(sess.srv)] if { var(sess.srv) -m found }';
  yield* serversOf(MACHINES);
  for (let number = 1; number <= options.pools; number++) {
    yield `backend pool${number} from checked`;
    yield* serversOf(`pool${number}`);
  }
}

/** The map's file: where each path goes. */
export function* mapText(routing: Routing): Generator<string> {
  for (const [path, target] of routing.targets()) yield `${path} ${mapValue(target)}`;
}

/** The machines and their paths of which {@link backendsText} and {@link mapText} were written. */
export function readFiles(backends: string, map: string): ReadonlyMap<string, ReadonlySet<string>> {
  const machines = new Map<string, Set<string>>();
  const pools = new Map<string, string[]>();
  let backend = '';
  for (const [, keyword, name = ''] of backends.matchAll(/^\s*(backend|server) (\S+)/gm)) {
    if (keyword === 'backend') backend = name;
    else {
      const at = placeOfServer(name);
      if (backend === MACHINES) machines.set(at, new Set());
      else pools.set(backend, [...(pools.get(backend) ?? []), at]);
    }
  }
  for (const [path, value] of readMapFile(map)) {
    const [pool = '', server] = value.split('|');
    const owners = server === undefined ? (pools.get(pool) ?? []) : [placeOfServer(server)];
    for (const at of owners) machines.get(at)?.add(path);
  }
  return machines;
}
