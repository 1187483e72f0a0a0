"""WebSocket (RFC 6455), the client's side: blocking, over one socket, no extensions.

A step of training is one small message out and one back, so what counts is the way between them: each of several messages
goes out in one write, and each comes into memory of its own, which the caller may keep and change.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import select
import socket
import ssl
import struct
from urllib.parse import SplitResult

from .errors import ArenaError, ConnectionLost

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
# Longest message that is taken, in bytes: 4096 environments of ten players seen in colour are 28 MB.
MAX_MESSAGE = 1 << 28
_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def masked(payload: bytes | bytearray, key: bytes) -> bytes:
    """`payload` with its bytes XORed with `key`, four bytes, again and again."""
    size = len(payload)
    pad = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(pad, "little")).to_bytes(size, "little")


def frame(opcode: int, payload: bytes | bytearray) -> bytes:
    """One message as one masked frame."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, size)
    # The mask is there against pages that could choose what proxies read; no page chooses anything here.
    key = random.getrandbits(32).to_bytes(4, "little")
    return head + key + masked(payload, key)


class WebSocket:
    """An open WebSocket. One thread may read while another writes."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._buffer = bytearray(1 << 16)
        self._view = memoryview(self._buffer)
        # What was received and not read yet lies in between.
        self._start = 0
        self._end = 0

    @classmethod
    def open(cls, url: SplitResult, path: str, timeout: float) -> WebSocket:
        """Connects and upgrades. @raises ArenaError where nobody answers, or no WebSocket does."""
        secure = url.scheme in ("https", "wss")
        host = url.hostname or ""
        port = url.port or (443 if secure else 80)
        where = f"{url.scheme}://{url.netloc}"
        try:
            connected = socket.create_connection((host, port), timeout)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure:
                connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
        except OSError as error:
            raise ArenaError("unreachable", f"no arena answers at {where}: {error}") from error
        opened = cls(connected)
        try:
            opened._upgrade(url, path)
        except (OSError, ArenaError) as error:
            connected.close()
            why = error.message if isinstance(error, ArenaError) else error
            raise ArenaError("unreachable", f"{where} is there but is no arena: {why}") from error
        return opened

    def _upgrade(self, url: SplitResult, path: str) -> None:
        key = base64.b64encode(os.urandom(16))
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {url.netloc.rpartition('@')[2]}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key.decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self._socket.sendall(request.encode())
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            head += self._read(1)
            if len(head) > 16384:
                raise ArenaError("bad-message", "its answer has no end of headers")
        status, *lines = head.decode("latin-1").split("\r\n")
        if status.split(" ")[1:2] != ["101"]:
            raise ArenaError("bad-message", f"it answers {status!r} where a WebSocket would be opened")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        expected = base64.b64encode(hashlib.sha1(key + _ACCEPT).digest()).decode()
        if headers.get("sec-websocket-accept") != expected:
            raise ArenaError("bad-message", "its handshake has the wrong key")

    def set_timeout(self, seconds: float | None) -> None:
        self._socket.settimeout(seconds)

    def send(self, frames: bytes) -> None:
        """Writes frames that `frame` made. @raises ConnectionLost"""
        try:
            self._socket.sendall(frames)
        except OSError as error:
            raise ConnectionLost(f"the connection to the arena is lost: {error}") from error

    def readable(self) -> bool:
        """Whether something has come that was not read."""
        if self._end > self._start:
            return True
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0:
            return True
        try:
            return bool(select.select([self._socket], [], [], 0)[0])
        except (OSError, ValueError):
            return True

    def receive(self) -> tuple[int, bytearray]:
        """The next message, TEXT or BINARY, in memory of its own; pings are answered. @raises ConnectionLost"""
        kind = CONTINUATION
        parts = bytearray()
        while True:
            first, second = self._read(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self._read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._read(8))
            if size + len(parts) > MAX_MESSAGE or second & 0x80:
                raise ConnectionLost("the arena sent what is no WebSocket message")
            payload = self._read(size)
            opcode = first & 0x0F
            if opcode == CLOSE:
                reason = payload[2:].decode("utf-8", "replace")
                raise ConnectionLost(f"the arena has ended the connection{': ' + reason if reason else ''}")
            if opcode == PING:
                self.send(frame(PONG, payload))
            elif opcode != PONG:
                final = first & 0x80
                if final and not parts and opcode != CONTINUATION:
                    return opcode, payload
                kind = opcode or kind
                parts += payload
                if final:
                    return kind, parts

    def _read(self, size: int) -> bytearray:
        """Exactly `size` bytes."""
        out = bytearray(size)
        waiting = self._end - self._start
        if waiting >= size:
            out[:] = self._view[self._start : self._start + size]
            self._start += size
            return out
        out[:waiting] = self._view[self._start : self._end]
        self._start = self._end = 0
        at = waiting
        target = memoryview(out)
        while size - at >= len(self._buffer):
            at += self._receive_into(target[at:])
        while at < size:
            got = self._receive_into(self._view)
            taken = min(got, size - at)
            target[at : at + taken] = self._view[:taken]
            at += taken
            self._start, self._end = taken, got
        return out

    def _receive_into(self, target: memoryview) -> int:
        try:
            got = self._socket.recv_into(target)
        except TimeoutError as error:
            raise ConnectionLost(
                f"the connection to the arena is lost: nothing came for {self._socket.gettimeout():.0f} s"
            ) from error
        except OSError as error:
            raise ConnectionLost(f"the connection to the arena is lost: {error}") from error
        if got == 0:
            raise ConnectionLost("the arena has closed the connection")
        return got

    def close(self) -> None:
        """Says goodbye where that can be said, and closes."""
        try:
            self._socket.settimeout(1)
            self._socket.sendall(frame(CLOSE, struct.pack("!H", 1000)))
        except OSError:
            pass
        # So that a thread that waits for something wakes up.
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()
