"""What the seats of a player see at a tick, and what waits until somebody asks.

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
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from .frames import aligned, observation_bytes, read_observations
from .game import Game

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
    # Of the last step. [S] uint8: the actions that counted, 255 for none; [S] bool: whether that was one of its own.
    actions: np.ndarray
    own: np.ndarray
    # [S] bool
    terminated: np.ndarray
    # [S] float64: since the observation before, so of more than one step where some were missed; of the episode.
    rewards: np.ndarray
    totals: np.ndarray
    # [N] uint8: what everybody did in the step, 255 for nothing; None where the rules do not reveal it.
    last_actions: np.ndarray | None
    # [S, N] bool: who is seen by each seat.
    visible: np.ndarray
    # [S, ...]
    observations: np.ndarray
    # Earlier ticks that were passed over since the observation before, because nobody asked in time.
    missed: int = 0


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
            rewards=rows["reward"].astype(np.float64),
            totals=rows["total"],
            last_actions=raw[self.last_actions : self.visible] if game.reveals_actions else None,
            visible=seen.reshape(self.seats, game.players),
            observations=seeing.reshape(self.seats, *game.shape),
        )


# An end that nobody has seen, and what came after it.
_MOST_WAITING = 2


class WaitingObservations:
    """Observations that nobody has asked for yet: the newest, and before it the end of the episode before.

    One that a newer one takes the place of leaves its rewards to it. One thread may add while another takes.
    """

    def __init__(self) -> None:
        self._waiting: deque[Observation] = deque()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, new: Observation) -> None:
        waiting = self._waiting
        with self._lock:
            if not waiting or waiting[-1].ended:
                waiting.append(new)
                # Whoever is that late has missed an episode, its end included.
                if len(waiting) > _MOST_WAITING:
                    gone = waiting.popleft()
                    waiting[0] = replace(waiting[0], missed=waiting[0].missed + gone.missed)
                return
            last = waiting[-1]
            rewards = new.rewards
            if last.episode == new.episode:
                # By seat: the arena may have given one to another connection in between.
                rewards = rewards + last.rewards @ (last.seats[:, None] == new.seats)
            waiting[-1] = replace(new, rewards=rewards, missed=last.missed + 1)

    def take(self) -> Observation | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
