"""Socket.IO (protocol 5 over Engine.IO 4), as much of it as the arena's namespace `/agents` takes: WebSocket only, calls that
are acknowledged, and events.

The library python-socketio speaks all of it, by threads and queues that each message goes through: 1,500 calls a second where
this makes 10,000 (one core, both ends on one machine).
"""

from __future__ import annotations

import itertools
import json
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .buffers import with_buffers, without_buffers
from .errors import ArenaError, ConnectionLost
from .websocket import BINARY, TEXT, WebSocket, frame

if TYPE_CHECKING:
    from .player import Player
    from .trainer import Batch

PROTOCOL_VERSION = 1
NAMESPACE = "/agents"

_PLACEHOLDER = '{"_placeholder":true,"num":0}'
# An acknowledgement that is one buffer, as steps have it: before its number and behind it.
_ACK = f"461-{NAMESPACE},".encode()
_ACK_REST = f"[{_PLACEHOLDER}]".encode()

Handler = Callable[..., None]


class Connection:
    """A connection to an arena, shared by all that is opened over it. Any thread may use it."""

    def __init__(self, url: str, token: str, *, timeout: float = 20.0) -> None:
        """@param timeout seconds until connecting is given up. @raises ArenaError"""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname:
            raise ArenaError("unreachable", f"{url!r} is no address of an arena, one is http://127.0.0.1:2567")
        self.url = url
        self._numbers = itertools.count()
        self._answers: dict[int, Any] = {}
        self._handlers: dict[str, list[Handler]] = {}
        # One thread reads for all that wait for something, which are told whenever something was read.
        self._turn = threading.Condition()
        self._reader: int | None = None
        self._writing = threading.Lock()
        self._closed = threading.Event()
        self._why: ConnectionLost | None = None
        # Why the arena is about to end the connection, once it has said so.
        self._farewell: ConnectionLost | None = None
        self._socket = WebSocket.open(parts, "/socket.io/?EIO=4&transport=websocket", timeout)
        try:
            beat = self._enter(token)
        except BaseException:
            self._socket.close()
            raise
        # The arena asks whether we are there however long the learner thinks; somebody must answer meanwhile.
        threading.Thread(target=_answer_pings, args=(weakref.ref(self), self._closed, beat), daemon=True).start()

    def _enter(self, token: str) -> float:
        """Both handshakes. Returns the seconds after which to look for pings."""
        _, hello = self._socket.receive()
        if hello[:1] != b"0":
            raise ArenaError("unreachable", f"{self.url} speaks no Socket.IO: it opens with {bytes(hello[:40])!r}")
        times = json.loads(hello[1:])
        auth = json.dumps({"protocol": PROTOCOL_VERSION, "token": token})
        self._send_text(f"40{NAMESPACE},{auth}")
        while True:
            _, packet = self._socket.receive()
            text = packet.decode()
            if text == "2":
                self._send_text("3")
            elif text.startswith(f"40{NAMESPACE},"):
                break
            elif text.startswith("44"):
                _raise_refusal(json.loads(text[text.index("{") :]))
            elif text == "1" or text.startswith("41"):
                raise ConnectionLost("the arena has ended the connection")
        # Something comes at every interval of pings, so silence longer than this is the end of the connection.
        self._socket.set_timeout((times["pingInterval"] + times["pingTimeout"]) / 1000)
        return times["pingTimeout"] / 1000 / 4

    def open(self, environment: str = "harvest", environments: int = 1, **settings: Any) -> Batch:
        """Private environments that step together; see `Batch.open`."""
        from .trainer import Batch

        return Batch.open(self, environment, environments, **settings)

    def join(self, room: str, seats: int | list[int] = 1, **settings: Any) -> Player:
        """Takes seats of a room; see `Player.join`."""
        from .player import Player

        return Player.join(self, room, seats, **settings)

    def create(self, **room: Any) -> tuple[str, str]:
        """Makes a room, which lives as long as somebody is in it. @returns its id, and the key of changing it.

        @param room options of a room by the arena's names (docs/protocol.md), for example `players=5, clock="lockstep"`.
        """
        created = self.call("create", {"room": room})
        return created["room"], created["key"]

    def rooms(self) -> list[dict[str, Any]]:
        """Rooms that there are, as the lobby shows them."""
        return self.call("rooms", {})

    def on(self, event: str, handler: Handler) -> Callable[[], None]:
        """Calls `handler` with what the arena sends as `event`, in whichever thread reads; what it returns ends that."""
        self._handlers.setdefault(event, []).append(handler)
        return lambda: self._handlers[event].remove(handler)

    def emit(self, event: str, *values: Any) -> None:
        """Sends what nobody answers."""
        self._send(None, event, values)

    def call(self, event: str, *values: Any) -> Any:
        """Sends `event` and waits for the answer. @raises ArenaError for what the arena refuses."""
        return self.answer(self.request(event, *values))

    def request(self, event: str, *values: Any) -> int:
        """Sends `event`; `answer` then waits for what comes back, so that both sides can work at once."""
        number = next(self._numbers)
        self._send(number, event, values)
        return number

    def answer(self, number: int) -> Any:
        """@raises ArenaError for what the arena refuses."""
        answers = self._answers
        self.wait(lambda: number in answers)
        found = answers.pop(number)
        if isinstance(found, dict) and "error" in found:
            error = found["error"]
            raise ArenaError(error["code"], error["message"])
        return found

    def wait(self, ready: Callable[[], bool]) -> None:
        """Reads until `ready` holds, which handlers of events see to, or waits until another thread has read what it takes."""
        me = threading.get_ident()
        while not ready():
            # A handler may wait for something, too: it is called by the thread that reads.
            if self._reader == me:
                self._read_one()
                continue
            with self._turn:
                while self._reader is not None and not ready():
                    self._turn.wait()
                if ready():
                    return
                self._reader = me
            try:
                self._read_one()
            finally:
                self._pass_on()

    def read_waiting(self) -> None:
        """Reads what has come, and waits for no more; somebody else who reads already does it. That a connection has ended is
        told to whoever waits for something next."""
        with self._turn:
            if self._reader is not None:
                return
            self._reader = threading.get_ident()
        try:
            while self._socket.readable():
                self._read_one()
        except ArenaError:
            pass
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        with self._turn:
            self._reader = None
            self._turn.notify_all()

    def _send(self, number: int | None, event: str, values: tuple[Any, ...]) -> None:
        name = "" if number is None else number
        if len(values) == 1 and isinstance(values[0], (bytes, bytearray)):
            text = f'451-{NAMESPACE},{name}["{event}",{_PLACEHOLDER}]'
            out = frame(TEXT, text.encode()) + frame(BINARY, values[0])
        else:
            buffers: list[bytes | bytearray] = []
            text = json.dumps([event, *(without_buffers(value, buffers) for value in values)], allow_nan=False)
            kind = f"45{len(buffers)}-" if buffers else "42"
            out = frame(TEXT, f"{kind}{NAMESPACE},{name}{text}".encode())
            out += b"".join(frame(BINARY, buffer) for buffer in buffers)
        self._write(out)

    def _send_text(self, text: str) -> None:
        self._write(frame(TEXT, text.encode()))

    def _write(self, out: bytes) -> None:
        if self._why is not None:
            raise self._why
        try:
            with self._writing:
                self._socket.send(out)
        except ConnectionLost as lost:
            self._end(self._farewell or lost)
            raise self._why from None

    def _read_one(self) -> None:
        """Reads one packet, with all that belongs to it."""
        if self._why is not None:
            raise self._why
        try:
            self._take(self._socket.receive())
        except ConnectionLost as lost:
            # A reason that was there before says more than that reading from what is closed fails.
            self._end(self._farewell or lost)
            raise self._why from None
        except BaseException:
            # Half a packet may have been read, and what follows would be taken for its beginning.
            self._end(ConnectionLost("reading was broken off, by an interrupt or an error in a handler"))
            raise

    def _take(self, message: tuple[int, bytearray]) -> None:
        kind, packet = message
        if kind != TEXT:
            return
        if packet.startswith(_ACK) and packet.endswith(_ACK_REST):
            self._answers[int(packet[len(_ACK) : -len(_ACK_REST)])] = self._socket.receive()[1]
            return
        text = packet.decode()
        if text == "2":
            self._send_text("3")
        elif text == "1" or text.startswith("41"):
            raise ConnectionLost("the arena has ended the connection")
        elif text[:2] in ("42", "43", "45", "46"):
            self._take_packet(text)

    def _take_packet(self, text: str) -> None:
        start = text.index("[")
        head = text[2:start]
        count = 0
        if text[1] in "56":
            number, _, head = head.partition("-")
            count = int(number)
        values = json.loads(text[start:])
        if count > 0:
            values = with_buffers(values, [self._socket.receive()[1] for _ in range(count)])
        if text[1] in "36":
            self._answers[int(head.rpartition(",")[2])] = values[0] if values else None
            return
        event, *rest = values
        if event == "closing":
            self._farewell = ConnectionLost(rest[0]["message"], rest[0]["code"])
        for handler in list(self._handlers.get(event, ())):
            handler(*rest)

    def _end(self, why: ConnectionLost) -> None:
        if self._why is None:
            self._why = why
        self._closed.set()
        self._socket.close()

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        """Ends the connection and all that was opened over it."""
        if not self.closed:
            try:
                self._send_text(f"41{NAMESPACE},")
            except ConnectionLost:
                pass
            self._end(ConnectionLost("the connection was closed here"))

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_socket"):
            self.close()


def connect(url: str, token: str, *, timeout: float = 20.0) -> Connection:
    """Connects to an arena. @param token made by `arena token create`. @raises ArenaError"""
    return Connection(url, token, timeout=timeout)


def _raise_refusal(refusal: dict[str, Any]) -> None:
    data = refusal.get("data") or {}
    raise ArenaError(data.get("code", "refused"), data.get("message") or refusal.get("message", "no reason is given"))


def _answer_pings(connection: weakref.ref[Connection], closed: threading.Event, every: float) -> None:
    while not closed.wait(every):
        found = connection()
        if found is None:
            return
        found.read_waiting()
        # Or this thread would keep it from being collected until the next time.
        del found
