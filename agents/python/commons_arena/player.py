"""A program as a player in a room, beside people, bots and others: a frame a tick for its seats, actions by tick number.

`act`, from the agent: link, 0, two bytes each; episode, tick, four bytes each; then seat and action, a byte each.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Lock
from typing import Any

import numpy as np

from .connection import Connection
from .errors import ArenaError
from .game import Game
from .views import Observation, PlayLayout, WaitingObservations

# What became of an action, by the number in an acknowledgement.
RESULTS = ("taken", "late", "early", "doubled", "bad-action", "no-seat")
NO_ACTION = 255


class Player:
    """A visit to a room. Iterating gives an `Observation` a tick, until the arena ends the visit or `leave` does.

    The clock is the room's. Whoever is slow sees the newest one, with the rewards of those that it has missed; the end of an
    episode is seen before anything of the next.
    """

    def __init__(self, connection: Connection, message: dict[str, Any]) -> None:
        """@param message of `join`. @raises ArenaError"""
        self.connection = connection
        # Why actions did not count, newest last.
        self.refused: deque[ArenaError] = deque(maxlen=64)
        # Why the arena ended the visit.
        self.why_left: ArenaError | None = None
        # Ticks that were passed over in all, for this program did not ask in time.
        self.missed = 0
        self._waiting = WaitingObservations()
        self._layouts: dict[int, PlayLayout] = {}
        self._current: Observation | None = None
        # Why what the arena sends cannot be read.
        self._unreadable: ArenaError | None = None
        self._over = False
        # What has come before it is known which of it is for this visit; None once that is known.
        self._early: list[tuple[Callable[[Any], None], Any]] | None = []
        self._entering = Lock()
        self._handlers = [
            connection.on("observation", partial(self._hear, self._take_frame)),
            connection.on("refused", partial(self._hear, self._take_refused)),
            connection.on("left", partial(self._hear, self._take_left)),
        ]
        try:
            joined = connection.call("join", message)
        except BaseException:
            self._finish()
            raise
        self.link: int = joined["link"]
        self.room: str = joined["room"]
        # "realtime" or "lockstep", and ticks a second.
        self.clock: str = joined["clock"]
        self.tick_rate: float = joined["tickRate"]
        self.seats: list[int] = [seat["seat"] for seat in joined["seats"]]
        # Each takes its seat back, as `join(tokens=...)`, within 30 s after a connection was lost.
        self.tokens: list[str] = [seat["token"] for seat in joined["seats"]]
        self.game = Game.of(joined["game"])
        with self._entering:
            early, self._early = self._early, None
            for take, what in early:
                take(what)

    @classmethod
    def join(
        cls,
        connection: Connection,
        room: str,
        seats: int | list[int] = 1,
        *,
        name: str = "agent",
        key: str | None = None,
        tokens: list[str] | None = None,
        encoding: str | None = None,
        packing: str = "plain",
    ) -> Player:
        """Takes seats of a room.

        @param seats how many, whichever are free; or which.
        @param key of a room whose seats go by link.
        @param tokens of seats that were lost with a connection, instead of `seats`.
        @raises ArenaError
        """
        message: dict[str, Any] = {"room": room, "seats": seats, "name": name, "packing": packing}
        for field, value in (("key", key), ("tokens", tokens), ("encoding", encoding)):
            if value is not None:
                message[field] = value
        return cls(connection, message)

    def __iter__(self) -> Iterator[Observation]:
        return self

    def __next__(self) -> Observation:
        # What has come since the last time makes what waits already old.
        self.connection.read_waiting()
        self.connection.wait(lambda: len(self._waiting) > 0 or self._over or self._unreadable is not None)
        seen = self._waiting.take()
        if seen is None:
            if self._unreadable is not None:
                raise self._unreadable
            raise StopIteration
        self.missed += seen.missed
        self._current = seen
        return seen

    def act(self, actions: int | Sequence[int], tick: int | None = None, *, wait: bool = False) -> list[str] | None:
        """Acts for all seats of the observation that was given last. After one that ended its episode there is no tick to act
        for, and nothing is sent.

        @param tick that the actions are for; that of the observation where left out.
        @param wait whether to wait for what became of them: one of `RESULTS` for each, none where nothing was sent. Else
            what did not count is told in `refused`, and the next observation's `own` says of the last step whether an action
            was there in time.
        """
        seen = self._current
        if seen is None:
            raise ArenaError("not-reset", "nothing was seen yet: iterate before acting")
        given = [actions] if isinstance(actions, (int, np.integer)) else list(actions)
        if len(given) != len(seen.seats):
            raise ValueError(f"there are {len(given)} actions of {len(seen.seats)} seats")
        if not all(0 <= int(action) < NO_ACTION for action in given):
            raise ArenaError("bad-action", f"actions are numbers from 0 to {NO_ACTION - 1}, not {given}")
        if seen.ended and tick is None:
            return [] if wait else None
        at = seen.tick if tick is None else tick
        message = struct.pack("<HHII", self.link, 0, seen.episode, at)
        message += bytes(byte for seat, action in zip(seen.seats, given) for byte in (int(seat), int(action)))
        if not wait:
            self.connection.emit("act", message)
            return None
        return [RESULTS[result] for result in self.connection.call("act", message)]

    def leave(self) -> None:
        """Gives the seats back. The connection stays."""
        if self._over:
            return
        self._finish()
        self._waiting.clear()
        if self.connection.closed:
            return
        try:
            self.connection.call("leave", {"link": self.link})
        except ArenaError as error:
            # The arena may have ended the visit meanwhile.
            if error.code != "no-link":
                raise

    def __enter__(self) -> Player:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _layout(self, size: int) -> PlayLayout:
        """By the length of a frame: it tells how many seats are left, where the arena gave one to another connection."""
        if size not in self._layouts:
            fitting = [PlayLayout(self.game, seats) for seats in range(1, len(self.seats) + 1)]
            self._layouts.update({layout.size: layout for layout in fitting})
        if size not in self._layouts:
            raise ArenaError("bad-frame", f"the arena sent an observation of {size} bytes, no number of seats has it")
        return self._layouts[size]

    def _hear(self, take: Callable[[Any], None], what: Any) -> None:
        """In whichever thread reads."""
        with self._entering:
            if self._early is None:
                take(what)
            else:
                self._early.append((take, what))

    def _take_frame(self, frame: bytearray) -> None:
        if self._over or int.from_bytes(frame[:2], "little") != self.link:
            return
        try:
            self._waiting.add(self._layout(len(frame)).read(frame))
        except ArenaError as error:
            # Raised to whoever asks, rather than to whoever happens to read.
            self._unreadable = error

    def _take_refused(self, refused: dict[str, Any]) -> None:
        if refused["link"] == self.link:
            self.refused.append(ArenaError(refused["code"], refused["message"]))

    def _take_left(self, left: dict[str, Any]) -> None:
        if left["link"] == self.link:
            self.why_left = ArenaError(left["code"], left["message"])
            self._finish()

    def _finish(self) -> None:
        self._over = True
        for stop in self._handlers:
            stop()
