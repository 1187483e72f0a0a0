"""Buffers of observations and steps, and numpy's view of them. Nothing is copied where bytes can be used as they lie.

An answer to `step` and to `reset`, little endian, E environments of N players, O bytes of one player's observation:

| bytes | what |
|---|---|
| 2 | batch |
| 2 | K, episodes that ended with this step |
| 4 E N | rewards [E, N] float32 |
| E N | terminated [E, N] |
| E | done [E] |
| E N N, or 0 | who sees whom [E, N, N], where that was asked for |
| E N O | observations [E, N, ...] |
| K times 4 + 8 (5 N + 2) + N O | of each that ended: its environment, counts, last observations |

Observations start at a multiple of 4 bytes, padded by zeros, and so do ended episodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from .errors import ArenaError
from .game import Game

STEP_HEADER = 4
# Codes 0 to 8 of a nibble are class ids, 9 to 15 are players 0 to 6, whose class ids are from 16 on.
_FIRST_PLAYER_CODE = 9
_FIRST_PLAYER = 16


def _tables() -> tuple[np.ndarray, np.ndarray]:
    """[256, 2] uint8: the two class ids of a byte, that of the low half first; and [65536] uint32: the four of two bytes as
    they lie in memory."""
    codes = np.arange(16, dtype=np.uint8)
    ids = np.where(codes < _FIRST_PLAYER_CODE, codes, _FIRST_PLAYER + codes - _FIRST_PLAYER_CODE).astype(np.uint8)
    of_byte = np.stack([ids[np.arange(256) & 15], ids[np.arange(256) >> 4]], axis=1)
    both = np.arange(65536, dtype="<u2").view(np.uint8).reshape(65536, 2)
    return of_byte, of_byte[both].reshape(65536, 4).view(np.uint32).reshape(65536)


_OF_BYTE, _OF_TWO = _tables()


def unpack(packed: np.ndarray, count: int) -> np.ndarray:
    """[count] uint8 class ids of [ceil(count / 2)] bytes, which start at an even address."""
    even = len(packed) & ~1
    out = np.empty(2 * len(packed), np.uint8)
    # Two bytes at a time, and without a check of indices that cannot be out of bounds: a third of the time of one.
    _OF_TWO.take(packed[:even].view("<u2"), out=out[: 2 * even].view(np.uint32), mode="clip")
    out[2 * even :] = _OF_BYTE[packed[even:]].reshape(-1)
    return out[:count]


def aligned(size: int) -> int:
    return (size + 3) & ~3


def observation_bytes(game: Game, count: int) -> int:
    """Bytes that `count` elements of observations take in a frame."""
    return (count + 1) // 2 if game.packing == "nibbles" else count * game.dtype.itemsize


def read_observations(game: Game, raw: np.ndarray, at: int, count: int) -> np.ndarray:
    """[count] elements from byte `at` of a frame on: a view, or what was packed unpacked."""
    part = raw[at : at + observation_bytes(game, count)]
    if game.packing == "nibbles":
        return unpack(part, count)
    return part.view(game.dtype)


@dataclass(frozen=True)
class SocialOutcome:
    """Social outcome metrics of an episode (Perolat et al. 2017), of raw rewards, as the arena computes them."""

    steps: int
    collective_return: float
    # Collective return a step.
    efficiency: float
    # 1 less the Gini coefficient of what players ate; 1 where nobody ate.
    equality: float
    # Mean over the players that ate of the mean step at which they did.
    sustainability: float
    # Players in play, on average over the steps.
    peace: float


@dataclass(frozen=True)
class Ended:
    """An episode that ended with a step."""

    # Of the batch, from 0.
    environment: int
    # [N, ...]
    observations: np.ndarray
    # [5, N] float64: raw return, apples eaten, sum of the steps they were eaten at, fines, steps timed out.
    counts: np.ndarray
    steps: int
    hits: int

    @property
    def returns(self) -> np.ndarray:
        """[N] float64, of raw rewards."""
        return self.counts[0]

    def social(self) -> SocialOutcome:
        returns, eaten, eaten_at, _, timed_out = self.counts
        players = len(returns)
        total = eaten.sum()
        ate = eaten > 0
        steps = self.steps
        collective = float(returns.sum())
        differences = float(np.abs(eaten[:, None] - eaten[None, :]).sum())
        return SocialOutcome(
            steps=steps,
            collective_return=collective,
            efficiency=collective / steps if steps else 0.0,
            equality=1 - differences / (2 * players * float(total)) if total else 1.0,
            sustainability=float((eaten_at[ate] / eaten[ate]).mean()) if ate.any() else 0.0,
            peace=(players * steps - float(timed_out.sum())) / steps if steps else float(players),
        )


@dataclass(frozen=True)
class Frame:
    """What came of a step, or of a reset."""

    # [E, N, ...]: of the next episode where one ended and the batch resets by itself.
    observations: np.ndarray
    # [E, N] float32; 0 after a reset.
    rewards: np.ndarray
    # [E, N] bool: the player's episode ended by the rules, and was not cut.
    terminated: np.ndarray
    # [E] bool: the episode ended with this step.
    done: np.ndarray
    # [E, N, N] bool, row the one who looks; None where it was not asked for.
    visible: np.ndarray | None
    ended: list[Ended]


class FrameLayout:
    """Where everything lies in the frames of a batch."""

    def __init__(self, game: Game, environments: int, visible: bool) -> None:
        players = game.players
        columns = environments * players
        self.game = game
        self.environments = environments
        self.rewards = STEP_HEADER
        self.terminated = self.rewards + 4 * columns
        self.done = self.terminated + columns
        self.visible = self.done + environments
        self.sight = columns * players if visible else 0
        self.observations = aligned(self.visible + self.sight)
        self.elements = columns * game.elements
        self.ended = aligned(self.observations + observation_bytes(game, self.elements))
        self.counts = 5 * players + 2
        self.elements_each = players * game.elements
        self.ended_bytes = aligned(4 + 8 * self.counts + observation_bytes(game, self.elements_each))
        self.request_bytes = STEP_HEADER + columns * game.action_dtype.itemsize * prod(game.action_shape)

    def read(self, frame: bytearray) -> Frame:
        """@raises ArenaError for a buffer that is none of these frames."""
        game, environments = self.game, self.environments
        players = game.players
        ended = frame[2] | frame[3] << 8 if len(frame) >= STEP_HEADER else 0
        expected = self.ended + ended * self.ended_bytes
        if len(frame) != expected:
            raise ArenaError(
                "bad-frame", f"the arena sent {len(frame)} bytes where {expected} were due, with {ended} ended episodes"
            )
        raw = np.frombuffer(frame, np.uint8)
        columns = (environments, players)
        return Frame(
            observations=read_observations(game, raw, self.observations, self.elements).reshape(*columns, *game.shape),
            rewards=raw[self.rewards : self.terminated].view("<f4").reshape(columns),
            terminated=raw[self.terminated : self.done].view(np.bool_).reshape(columns),
            done=raw[self.done : self.visible].view(np.bool_),
            visible=raw[self.visible : self.visible + self.sight].view(np.bool_).reshape(*columns, players)
            if self.sight
            else None,
            ended=[self._read_ended(raw, self.ended + k * self.ended_bytes) for k in range(ended)],
        )

    def _read_ended(self, raw: np.ndarray, at: int) -> Ended:
        game = self.game
        after = at + 4 + 8 * self.counts
        # Copied, for eight bytes are not aligned here.
        counts = np.frombuffer(raw[at + 4 : after].tobytes(), "<f8")
        return Ended(
            environment=int.from_bytes(raw[at : at + 4].tobytes(), "little"),
            observations=read_observations(game, raw, after, self.elements_each).reshape(game.players, *game.shape),
            counts=counts[: 5 * game.players].reshape(5, game.players),
            steps=int(counts[-2]),
            hits=int(counts[-1]),
        )
