"""A listener that completes the WebSocket handshake and then hardly reads.

Usage: unwilling_listener.py PORT PATH BYTES_PER_SECOND

Small kernel buffers on its side keep what the server's kernel takes for it small, so that a test need
not send megabytes. Prints "open" after the handshake. When a line comes on standard input it reads
what there is, and prints the code of the close message, or 0 if there was none.
"""
import select
import socket
import struct
import sys

port, path, rate = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
connection = socket.socket()
connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
connection.connect(("127.0.0.1", port))
connection.sendall(
    f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
)
received = b""
while b"\r\n\r\n" not in received:
    received += connection.recv(1)
assert b" 101 " in received, received
print("open", flush=True)

stream = bytearray()
pause = 0.1 if rate > 0 else 60
while not select.select([sys.stdin], [], [], pause)[0]:
    if rate > 0:
        stream += connection.recv(rate // 10)


def close_code():
    at = 0
    while at + 2 <= len(stream):
        opcode, length, header = stream[at] & 15, stream[at + 1] & 127, 2
        if length == 126:
            length, header = struct.unpack_from(">H", stream, at + 2)[0], 4
        if opcode == 8 and at + header + 2 <= len(stream):
            return struct.unpack_from(">H", stream, at + header)[0]
        at += header + length
    return 0


connection.settimeout(5)
try:
    while close_code() == 0 and (chunk := connection.recv(65536)):
        stream += chunk
except OSError:
    pass
print(close_code(), flush=True)
