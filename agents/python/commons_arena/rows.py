"""E environments of N players as E N rows, for learners that know one agent an environment: each player is a row, and what
learns from all rows is one network that all players share. Row `e * N + i` is player i of environment e."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .frames import Ended
from .trainer import Batch


@dataclass(frozen=True)
class Step:
    """Of E N rows."""

    # [E N, ...]: of the next episode where one ended.
    observations: np.ndarray
    # [E N] float32
    rewards: np.ndarray
    # [E N] bool
    terminated: np.ndarray
    truncated: np.ndarray
    # Rows of what ended: the episode, its player, its return of rewards as they were paid out, and its length.
    ended: list[tuple[int, Ended, int, float, int]]


class Rows:
    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.players = batch.game.players
        self.count = batch.environments * self.players
        self._returns = np.zeros(self.count, np.float64)
        self._waiting: int | None = None

    def reset(self, seeds: list[int] | None) -> np.ndarray:
        """@param seeds one for each environment."""
        if self._waiting is not None:
            self.wait()
        self._returns[:] = 0
        return self._flat(self.batch.reset(seeds).observations)

    def send(self, actions: Any) -> None:
        self._waiting = self.batch.send(actions)

    def wait(self) -> Step:
        if self._waiting is None:
            raise RuntimeError("no step is under way: send actions first")
        request, self._waiting = self._waiting, None
        frame = self.batch.wait(request)
        rewards = frame.rewards.reshape(-1)
        terminated = frame.terminated.reshape(-1)
        done = np.repeat(frame.done, self.players)
        self._returns += rewards
        ended = []
        for episode in frame.ended:
            for player in range(self.players):
                row = episode.environment * self.players + player
                ended.append((row, episode, player, float(self._returns[row]), episode.steps))
                self._returns[row] = 0
        return Step(self._flat(frame.observations), rewards, terminated, done & ~terminated, ended)

    def _flat(self, observations: np.ndarray) -> np.ndarray:
        return observations.reshape(self.count, *observations.shape[2:])
