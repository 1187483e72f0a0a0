"""The game as the arena describes it, and its spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gymnasium import spaces


@dataclass(frozen=True)
class Game:
    """What a player knows of a game beforehand."""

    environment: str
    # All options of the environment, by the arena's names.
    options: dict[str, Any]
    # N
    players: int
    # A key of the environment's observations: "ids" or "rgb" on a grid.
    encoding: str
    # "plain", or "nibbles": two class ids a byte.
    packing: str
    # Of one player's observation, with its inclusive bounds.
    dtype: np.dtype
    shape: tuple[int, ...]
    low: float
    high: float
    # Labels by number; None where actions are continuous.
    actions: tuple[str, ...] | None
    # Of one player's continuous action, with its inclusive bounds; () of others.
    action_shape: tuple[int, ...]
    action_range: tuple[float, float] | None
    # Steps after which an episode is cut.
    episode_length: int
    # Players who act first within a step.
    leaders: tuple[int, ...]
    # Whether players are told what everybody did in the last step.
    reveals_actions: bool

    @classmethod
    def of(cls, description: dict[str, Any]) -> Game:
        """From `game` of the arena's answers."""
        observation = description["observation"]
        actions = description["actions"]
        bounds = description["actionRange"]
        return cls(
            environment=description["environment"],
            options=description.get("options", {}),
            players=description["players"],
            encoding=description["encoding"],
            packing=description["packing"],
            dtype=np.dtype(observation["dtype"]).newbyteorder("<"),
            shape=tuple(observation["shape"]),
            low=observation["low"],
            high=observation["high"],
            actions=None if actions is None else tuple(actions),
            action_shape=() if bounds is None else (description["actionBytes"] // 4,),
            action_range=None if bounds is None else (bounds[0], bounds[1]),
            episode_length=description["episodeLength"],
            leaders=tuple(description["leaders"]),
            reveals_actions=description["revealsActions"],
        )

    @property
    def elements(self) -> int:
        """Of one player's observation."""
        return prod(self.shape)

    @property
    def action_dtype(self) -> np.dtype:
        return np.dtype(np.uint8) if self.actions is not None else np.dtype("<f4")

    def observation_space(self) -> spaces.Box:
        from gymnasium import spaces

        return spaces.Box(self.low, self.high, self.shape, self.dtype.type)

    def action_space(self) -> spaces.Discrete | spaces.Box:
        from gymnasium import spaces

        if self.actions is not None:
            return spaces.Discrete(len(self.actions))
        low, high = self.action_range
        return spaces.Box(low, high, self.action_shape, np.float32)


def options_of(given: dict[str, Any]) -> dict[str, Any]:
    """Options by the arena's names: `episode_length` is its `episodeLength`, and so is PettingZoo's `max_cycles`."""
    options = {}
    for name, value in given.items():
        key = "episodeLength" if name == "max_cycles" else re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
        if key in options:
            raise TypeError(f"{name} is given twice: it is another name of {key}")
        options[key] = value
    return options
