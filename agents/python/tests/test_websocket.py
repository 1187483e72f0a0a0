"""WebSocket frames as RFC 6455 has them, over a pair of sockets of this process."""

import socket
import struct

import pytest

from commons_arena import ConnectionLost
from commons_arena.websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, WebSocket, frame, masked

FINAL = 0x80


def from_server(opcode, payload, final=FINAL):
    """A frame as servers send them: not masked."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", final | opcode, size) + payload
    if size < 65536:
        return struct.pack("!BBH", final | opcode, 126, size) + payload
    return struct.pack("!BBQ", final | opcode, 127, size) + payload


@pytest.fixture
def ends():
    """The client's end as a WebSocket, and the server's as a socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        theirs.settimeout(10)
        yield WebSocket(ours), theirs


def test_masking_is_the_example_of_the_rfc():
    # Section 5.7: "Hello" with the mask 37 fa 21 3d.
    assert masked(b"Hello", bytes.fromhex("37fa213d")) == bytes.fromhex("7f9f4d5158")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70001])
def test_what_is_sent_can_be_unmasked_by_its_own_header(size):
    payload = bytes(range(256)) * (size // 256 + 1)
    sent = frame(BINARY, payload[:size])
    head = 2 if size < 126 else 4 if size < 65536 else 10
    assert sent[0] == FINAL | BINARY
    assert sent[1] & 0x80
    assert masked(sent[head + 4 :], sent[head : head + 4]) == payload[:size]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70001])
def test_messages_of_every_kind_of_length_come_as_they_were(ends, size):
    client, server = ends
    payload = bytes(range(256)) * (size // 256 + 1)
    # In pieces, so that it does not matter where the network cuts.
    message = from_server(BINARY, payload[:size]) + from_server(TEXT, b"next")
    for start in range(0, len(message), 50_000):
        server.sendall(message[start : start + 50_000])
    assert client.receive() == (BINARY, payload[:size])
    assert client.receive() == (TEXT, b"next")


def test_a_message_in_fragments_is_one_and_pings_between_are_answered(ends):
    client, server = ends
    server.sendall(from_server(TEXT, b"Hel", final=0) + from_server(PING, b"?") + from_server(CONTINUATION, b"lo"))
    assert client.receive() == (TEXT, b"Hello")
    answer = server.recv(100)
    assert answer[0] == FINAL | PONG
    assert masked(answer[6:], answer[2:6]) == b"?"


def test_the_reason_of_a_close_is_told(ends):
    client, server = ends
    server.sendall(from_server(CLOSE, struct.pack("!H", 1001) + b"going away"))
    with pytest.raises(ConnectionLost, match="going away"):
        client.receive()


def test_a_connection_that_breaks_in_the_middle_of_a_message_is_lost(ends):
    client, server = ends
    server.sendall(from_server(BINARY, bytes(1000))[:500])
    server.close()
    with pytest.raises(ConnectionLost):
        client.receive()


def test_what_no_server_may_send_ends_the_connection(ends):
    client, server = ends
    server.sendall(frame(TEXT, b"masked"))
    with pytest.raises(ConnectionLost, match="no WebSocket message"):
        client.receive()


def test_a_length_beyond_all_reason_ends_the_connection_before_memory_is_taken(ends):
    client, server = ends
    server.sendall(struct.pack("!BBQ", FINAL | BINARY, 127, 1 << 62))
    with pytest.raises(ConnectionLost, match="no WebSocket message"):
        client.receive()
