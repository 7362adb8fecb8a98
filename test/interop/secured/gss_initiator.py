"""Speaks the protocol of negotiate over TCP with MIT's GSSAPI: what our acceptor did not write itself.

  gss_initiator.py PORT SPN MECHANISM [--sign] [--token] [--user NAME --password PASSWORD]

MECHANISM: spnego, kerberos (without SPNEGO around it), ntlm (in SPNEGO), second (SPNEGO with NTLM first, then
Kerberos: a service that has only Kerberos makes both sides sign the list). Sends frames of several sizes, which the
service sends back, and says what happened as one line of JSON. --sign: frames signed only. --token: only
prints the first token.
"""
import argparse, json, socket, struct, sys
import gssapi
from gssapi.raw import acquire_cred_with_password, set_neg_mechs, RequirementFlag as Flag

OIDS = {
    'spnego': gssapi.OID.from_int_seq('1.3.6.1.5.5.2'),
    'kerberos': gssapi.OID.from_int_seq('1.2.840.113554.1.2.2'),
    'ntlm': gssapi.OID.from_int_seq('1.3.6.1.4.1.311.2.2.10'),
}
SIZES = [1, 15, 16, 17, 1000, 64512]


class Peer:
    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, size):
        data = b''
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError('closed by the service')
            data += part
        return data

    def send_token(self, token, done):
        self.socket.sendall(bytes([0x14 if done else 0x16, 1, 0]) + struct.pack('>H', len(token)) + token)

    def read_token(self):
        head = self.read(5)
        token = self.read(struct.unpack('>H', head[3:])[0])
        if head[0] == 0x15:
            raise PermissionError('refused with 0x%08x' % struct.unpack('<Q', token)[0])
        return token, head[0] == 0x14

    def send_frame(self, frame):
        self.socket.sendall(struct.pack('<I', len(frame)) + frame)

    def read_frame(self):
        return self.read(struct.unpack('<I', self.read(4))[0])


def make_context(options):
    name = gssapi.Name(options.spn, gssapi.NameType.kerberos_principal)
    flags = Flag.mutual_authentication | Flag.integrity | Flag.replay_detection | Flag.out_of_sequence_detection
    if not options.sign:
        flags |= Flag.confidentiality
    credential = None
    if options.mechanism == 'second':
        credential = gssapi.Credentials(mechs=[OIDS['spnego']], usage='initiate')
        set_neg_mechs(credential, [OIDS['ntlm'], OIDS['kerberos']])
    if options.mechanism == 'ntlm':
        name = gssapi.Name(options.spn.replace('/', '@'), gssapi.NameType.hostbased_service)
        user = gssapi.Name(options.user, gssapi.NameType.user)
        acquired = acquire_cred_with_password(user, options.password.encode(), mechs=[OIDS['spnego']], usage='initiate')
        credential = gssapi.Credentials(acquired.creds)
        set_neg_mechs(credential, [OIDS['ntlm']])
    mechanism = OIDS['kerberos' if options.mechanism == 'kerberos' else 'spnego']
    return gssapi.SecurityContext(name=name, mech=mechanism, flags=flags, usage='initiate', creds=credential)


def talk(options):
    context = make_context(options)
    token = context.step()
    if options.token:
        return {'token': token.hex()}
    peer = Peer(options.port)
    peer_is_done = False
    while True:
        if token:
            peer.send_token(token, context.complete)
        if context.complete and peer_is_done:
            break
        answer, peer_is_done = peer.read_token()
        token = context.step(answer) if answer and not context.complete else None
    seen = []
    # gss-ntlmssp wraps everything but nothing.
    for size in SIZES:
        data = bytes(i * 7 % 256 for i in range(size))
        frame = context.wrap(data, not options.sign).message
        peer.send_frame(frame)
        back = context.unwrap(peer.read_frame())
        if back.message != data:
            raise ValueError('%d bytes came back changed' % size)
        if back.encrypted == options.sign:
            raise ValueError('%d bytes came back %s' % (size, 'sealed' if back.encrypted else 'in the clear'))
        seen.append(len(frame))
    return {'ok': True, 'frames': seen, 'mechanism': context.mech.dotted_form, 'flags': hex(int(context.actual_flags))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('port', type=int)
    parser.add_argument('spn')
    parser.add_argument('mechanism', choices=[*OIDS, 'second'])
    parser.add_argument('--sign', action='store_true')
    parser.add_argument('--token', action='store_true')
    parser.add_argument('--user')
    parser.add_argument('--password')
    try:
        print(json.dumps(talk(parser.parse_args())))
    except (OSError, EOFError, ValueError, gssapi.exceptions.GSSError) as error:
        print(json.dumps({'ok': False, 'error': '%s: %s' % (type(error).__name__, error)}))
        sys.exit(1)


main()
