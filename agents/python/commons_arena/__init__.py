"""Train and play against a hosted Commons Arena.

- `connect(url, token)`: a connection; `.open(...)` private environments, `.join(...)` a room.
- `parallel_env(url, token, ...)`: one private environment as PettingZoo's `ParallelEnv`; `env(...)` as its `AECEnv`.
- `vector_env(url, token, ...)`: many at once as Stable-Baselines3's `VecEnv`.
- `gymnasium_env(url, token, ...)`: many at once as Gymnasium's `VectorEnv`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .connection import Connection, connect
from .errors import ArenaError, ConnectionLost
from .frames import Ended, Frame, SocialOutcome
from .game import Game
from .player import Player
from .trainer import Batch
from .views import Observation

__version__ = "0.1.0"

# What needs a library that not everybody has, and where it is.
_LATER = {
    "ArenaParallelEnv": ("parallel", "pettingzoo", "zoo"),
    "parallel_env": ("parallel", "pettingzoo", "zoo"),
    "env": ("parallel", "pettingzoo", "zoo"),
    "ArenaVectorEnv": ("vector", "gymnasium", "zoo"),
    "gymnasium_env": ("vector", "gymnasium", "zoo"),
    "ArenaVecEnv": ("sb3", "stable_baselines3", "sb3"),
    "vector_env": ("sb3", "stable_baselines3", "sb3"),
    "policy_for": ("sb3", "stable_baselines3", "sb3"),
    "ClassIdFeatures": ("sb3", "stable_baselines3", "sb3"),
    "WindowFeatures": ("sb3", "stable_baselines3", "sb3"),
}

__all__ = [
    "ArenaError",
    "Batch",
    "Connection",
    "ConnectionLost",
    "Ended",
    "Frame",
    "Game",
    "Observation",
    "Player",
    "SocialOutcome",
    "connect",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'commons_arena' has no attribute {name!r}")
    module, library, extra = _LATER[name]
    try:
        return getattr(import_module(f".{module}", __name__), name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in (library, "gymnasium", "torch"):
            raise
        message = f"{name} needs {missing}: pip install 'agents/python[{extra}]'"
        raise ModuleNotFoundError(message, name=missing) from error
