"""A calculator that shares a port, and knows of the suite what docs/handshake.md says.

    outside-service.py CONTROL_SOCKET ADDRESS

It registers ADDRESS, prints what it was registered as, and serves the connections that are relayed to it.
"""

import os
import socket
import struct
import sys
import threading


def encode(value):
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return b"\xce" + struct.pack(">I", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return b"\xdb" + struct.pack(">I", len(text)) + text
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(encode, value))
    items = [encode(part) for item in value.items() for part in item]
    return b"\xdf" + struct.pack(">I", len(value)) + b"".join(items)


def decode(data, at=0):
    """The value at a position, and the position after it."""
    first = data[at]
    at += 1
    if first < 0x80:
        return first, at
    if first >= 0xE0:
        return first - 256, at
    if first < 0x90:
        return decode_map(data, at, first & 0x0F)
    if first < 0xA0:
        return decode_list(data, at, first & 0x0F)
    if first < 0xC0:
        return data[at : at + (first & 0x1F)].decode(), at + (first & 0x1F)
    if first in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[first], at
    form = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q"}.get(first) or {
        0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q", 0xC4: ">B", 0xC5: ">H", 0xC6: ">I",
        0xD9: ">B", 0xDA: ">H", 0xDB: ">I", 0xDC: ">H", 0xDD: ">I", 0xDE: ">H", 0xDF: ">I",
    }[first]
    (number,) = struct.unpack_from(form, data, at)
    at += struct.calcsize(form)
    if first in (0xDE, 0xDF):
        return decode_map(data, at, number)
    if first in (0xDC, 0xDD):
        return decode_list(data, at, number)
    if first in (0xC4, 0xC5, 0xC6):
        return data[at : at + number], at + number
    if first in (0xD9, 0xDA, 0xDB):
        return data[at : at + number].decode(), at + number
    return number, at


def decode_list(data, at, count):
    values = []
    for _ in range(count):
        value, at = decode(data, at)
        values.append(value)
    return values, at


def decode_map(data, at, count):
    values, at = decode_list(data, at, 2 * count)
    return dict(zip(values[::2], values[1::2])), at


class Stream:
    """Reads exactly as many bytes as it is asked for; some may have been read before."""

    def __init__(self, connection, before=b""):
        self.connection = connection
        self.data = before

    def read(self, count):
        while len(self.data) < count:
            more = self.connection.recv(65536)
            if not more:
                sys.exit("the other side has closed the connection")
            self.data += more
        result, self.data = self.data[:count], self.data[count:]
        return result


def dial(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


def send(connection, message):
    body = encode(message)
    connection.sendall(struct.pack(">I", len(body)) + body)


def receive(stream):
    (length,) = struct.unpack(">I", stream.read(4))
    return decode(stream.read(length))[0]


def serve(connection, octets):
    """One session of [MC-NMF], whose preamble is there already."""
    stream = Stream(connection, octets)
    while stream.read(1) != b"\x0c":  # PreambleEnd: what is before it has been looked at by the daemon
        pass
    connection.sendall(b"\x0b")  # PreambleAck
    while stream.read(1) == b"\x06":  # SizedEnvelope
        size, shift = 0, 0
        while True:
            (byte,) = stream.read(1)
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        _, number, operation, (a, b) = decode(stream.read(size))[0]
        result = {"Add": a + b, "Subtract": a - b, "Multiply": a * b}[operation]
        answer = encode([1, number, None, float(result)])
        assert len(answer) < 128
        connection.sendall(b"\x06" + bytes([len(answer)]) + answer)
    connection.sendall(b"\x07")  # End
    connection.close()


path, address = sys.argv[1:]
control = dial(path)
messages = Stream(control)
send(control, {
    "type": "hello", "protocol": 2, "version": "outside", "pid": os.getpid(),
    "role": "service", "handOver": False, "newline": "\n",
})
welcome = receive(messages)
assert (welcome["type"], welcome["transfer"]) == ("welcome", "relay"), welcome
send(control, {
    "type": "register", "request": 1, "address": address, "hosts": ["127.0.0.1"], "queueLength": 10,
})
registered = receive(messages)
assert registered["type"] == "registered", registered
print(registered["address"], flush=True)
while True:
    message = receive(messages)
    assert message["type"] == "dispatch", message
    relayed = dial(path)
    send(relayed, {"type": "attach", "token": welcome["token"], "dispatch": message["dispatch"]})
    threading.Thread(target=serve, args=(relayed, message["octets"]), daemon=True).start()
