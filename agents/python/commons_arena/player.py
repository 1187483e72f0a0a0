"""A program as a player in a room, beside people, bots and others: a frame a tick for its seats, actions by tick number.

`observation`, from the arena, little endian, S seats of N players:

| bytes | what |
|---|---|
| 2 | link |
| 1 | 1 after a step |
| 1 | 1 where the episode ended; 2 where last actions follow; the sum |
| 4 | episode |
| 4 | tick that the next action is for |
| S times 16 | seat, action that counted, whether it was an own one, terminated: a byte each; reward float32; total float64 |
| N, or 0 | what everybody did |
| S N | who is seen by each seat |
| S O | observations [S, ...], from a multiple of 4 on |

`act`, from the agent: link, 0, two bytes each; episode, tick, four bytes each; then seat and action, a byte each.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .connection import Connection
from .errors import ArenaError
from .frames import aligned, observation_bytes, read_observations
from .game import Game

# What became of an action, by the number in an acknowledgement.
RESULTS = ("taken", "late", "early", "doubled", "bad-action", "no-seat")
NO_ACTION = 255
# Frames that wait at most; of a program that takes longer over many ticks the oldest are dropped.
_MOST_WAITING = 256

_HEADER = struct.Struct("<HBBII")
_SEAT = np.dtype(
    [
        ("seat", "u1"),
        ("action", "u1"),
        ("own", "?"),
        ("terminated", "?"),
        ("reward", "<f4"),
        ("total", "<f8"),
    ]
)


@dataclass(frozen=True)
class Observation:
    """What the seats of a visit see at a tick. S seats in the order in which they were taken, N players."""

    episode: int
    # Steps made in the episode: the tick that the next action is for.
    tick: int
    # Whether a step led here: not so at the start of an episode and on joining.
    stepped: bool
    # Whether the episode ended with that step; what comes next is the start of another.
    ended: bool
    # [S] uint8: numbers of the seats.
    seats: np.ndarray
    # [S] uint8: the actions that counted, 255 for none; [S] bool: whether that was one of its own.
    actions: np.ndarray
    own: np.ndarray
    # [S] bool
    terminated: np.ndarray
    # [S] float32: since the last observation; [S] float64: of the episode.
    rewards: np.ndarray
    totals: np.ndarray
    # [N] uint8: what everybody did in the step, 255 for nothing; None where the rules do not reveal it.
    last_actions: np.ndarray | None
    # [S, N] bool: who is seen by each seat.
    visible: np.ndarray
    # [S, ...]
    observations: np.ndarray


class PlayLayout:
    """Where everything lies in the observations of S seats."""

    def __init__(self, game: Game, seats: int) -> None:
        self.game = game
        self.seats = seats
        self.last_actions = _HEADER.size + seats * _SEAT.itemsize
        self.visible = self.last_actions + (game.players if game.reveals_actions else 0)
        self.elements = seats * game.elements
        self.observations = aligned(self.visible + seats * game.players)
        self.size = self.observations + observation_bytes(game, self.elements)

    def read(self, frame: bytearray) -> Observation:
        game = self.game
        _, stepped, flags, episode, tick = _HEADER.unpack_from(frame)
        raw = np.frombuffer(frame, np.uint8)
        rows = raw[_HEADER.size : self.last_actions].view(_SEAT)
        seen = raw[self.visible : self.visible + self.seats * game.players].view(np.bool_)
        seeing = read_observations(game, raw, self.observations, self.elements)
        return Observation(
            episode=episode,
            tick=tick,
            stepped=bool(stepped),
            ended=bool(flags & 1),
            seats=rows["seat"],
            actions=rows["action"],
            own=rows["own"],
            terminated=rows["terminated"],
            rewards=rows["reward"],
            totals=rows["total"],
            last_actions=raw[self.last_actions : self.visible] if game.reveals_actions else None,
            visible=seen.reshape(self.seats, game.players),
            observations=seeing.reshape(self.seats, *game.shape),
        )


class Player:
    """A visit to a room. Iterating gives an `Observation` a tick, until the arena ends the visit or `leave` does."""

    def __init__(self, connection: Connection, joined: dict[str, Any], early: list[bytearray]) -> None:
        self.connection = connection
        self.link: int = joined["link"]
        self.room: str = joined["room"]
        # "realtime" or "lockstep", and ticks a second.
        self.clock: str = joined["clock"]
        self.tick_rate: float = joined["tickRate"]
        self.seats: list[int] = [seat["seat"] for seat in joined["seats"]]
        # Each takes its seat back, as `join(tokens=...)`, within 30 s after a connection was lost.
        self.tokens: list[str] = [seat["token"] for seat in joined["seats"]]
        self.game = Game.of(joined["game"])
        # Why actions did not count, newest last.
        self.refused: deque[ArenaError] = deque(maxlen=64)
        # Why the arena ended the visit.
        self.why_left: ArenaError | None = None
        # Frames that were dropped, for this program did not take them in time.
        self.missed = 0
        self._frames: deque[bytearray] = deque()
        self._layouts: dict[int, PlayLayout] = {}
        self._current: Observation | None = None
        self._over = False
        self._handlers = [
            connection.on("observation", self._take_frame),
            connection.on("refused", self._take_refused),
            connection.on("left", self._take_left),
        ]
        for frame in early:
            self._take_frame(frame)

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
        # Frames may come before whoever called has this object.
        early: list[bytearray] = []
        stop = connection.on("observation", early.append)
        try:
            return cls(connection, connection.call("join", message), early)
        finally:
            stop()

    def __iter__(self) -> Iterator[Observation]:
        return self

    def __next__(self) -> Observation:
        self.connection.wait(lambda: bool(self._frames) or self._over)
        if not self._frames:
            raise StopIteration
        frame = self._frames.popleft()
        self._current = self._layout(len(frame)).read(frame)
        return self._current

    def act(self, actions: int | Sequence[int], tick: int | None = None, *, wait: bool = False) -> list[str] | None:
        """Acts for all seats of the newest observation.

        @param tick that the actions are for; that of the observation where left out.
        @param wait whether to wait for what became of them: one of `RESULTS` for each. Else what did not count is told in
            `refused`, and whether an action counted in the next observation's `own`.
        """
        seen = self._current
        if seen is None:
            raise ArenaError("not-reset", "nothing was seen yet: iterate before acting")
        given = [actions] if isinstance(actions, (int, np.integer)) else list(actions)
        if len(given) != len(seen.seats):
            raise ValueError(f"there are {len(given)} actions of {len(seen.seats)} seats")
        if not all(0 <= int(action) < NO_ACTION for action in given):
            raise ArenaError("bad-action", f"actions are numbers from 0 to {NO_ACTION - 1}, not {given}")
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

    def _take_frame(self, frame: bytearray) -> None:
        if self._over or int.from_bytes(frame[:2], "little") != self.link:
            return
        if len(self._frames) >= _MOST_WAITING:
            self._frames.popleft()
            self.missed += 1
        self._frames.append(frame)

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
