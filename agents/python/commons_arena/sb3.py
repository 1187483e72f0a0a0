"""For Stable-Baselines3: many environments as one `VecEnv`, and networks that fit what players see."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import VecEnv

from .connection import connect
from .rows import Rows
from .trainer import Batch

# Class ids of the map, 0 to 8, and one more for those after them; players are from 16 on.
_MAP_CLASSES = 10
_FIRST_PLAYER = 16


class ArenaVecEnv(VecEnv):
    """E environments over one connection, in which each player is a row: `num_envs` is E times N.

    One network learns from all rows, so the players share it. Where an episode ends, infos have `terminal_observation`,
    `TimeLimit.truncated`, `episode` as SB3's monitor has it (`r`, `l`, `t`), and `social`, a `SocialOutcome`.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.rows = Rows(batch)
        self._began = time.time()
        # SB3 asks for it as an attribute of each environment while it builds.
        self.render_mode = None
        super().__init__(self.rows.count, batch.game.observation_space(), batch.game.action_space())

    def reset(self) -> np.ndarray:
        players = self.rows.players
        seeds = None if self._seeds[0] is None else [int(seed) for seed in self._seeds[::players]]
        self._reset_seeds()
        self._reset_options()
        return self.rows.reset(seeds)

    def step_async(self, actions: np.ndarray) -> None:
        self.rows.send(actions)

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        step = self.rows.wait()
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if step.ended:
            now = round(time.time() - self._began, 6)
            for row, ended, player, total, steps in step.ended:
                infos[row] = {
                    "terminal_observation": ended.observations[player],
                    "TimeLimit.truncated": bool(step.truncated[row]),
                    "episode": {"r": total, "l": steps, "t": now},
                    "social": ended.social(),
                }
        return step.observations, step.rewards, step.terminated | step.truncated, infos

    def close(self) -> None:
        self.batch.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        value = getattr(self, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        raise AttributeError(f"{attr_name} cannot be set: environments are the arena's, open others")

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        raise AttributeError(f"{method_name} cannot be called: environments are the arena's")

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:
        return [False for _ in self._get_indices(indices)]


def vector_env(
    url: str,
    token: str,
    environment: str = "harvest",
    environments: int = 8,
    *,
    preset: str | None = None,
    encoding: str | None = None,
    packing: str = "plain",
    seed: int = 0,
    **options: Any,
) -> ArenaVecEnv:
    """`environments` private environments on the arena at `url`, over one connection; see `parallel_env`."""
    connection = connect(url, token)
    settings = {"preset": preset, "encoding": encoding, "packing": packing, "seed": seed}
    return ArenaVecEnv(connection.open(environment, environments, owns=True, **settings, **options))


class ClassIdFeatures(BaseFeaturesExtractor):
    """Class ids [H, W], one-hot, through a convolution of 3x3 and a dense layer.

    A number says nothing about what it stands for, so each class is a plane of its own; all players are one plane, for who is
    who changes with the seat. Who looks is always at the same place of its window.
    """

    def __init__(self, observation_space: spaces.Box, features_dim: int = 64, filters: int = 8) -> None:
        super().__init__(observation_space, features_dim)
        if len(observation_space.shape) != 2:
            raise ValueError(f"class ids are [H, W], observations are {observation_space.shape}: use encoding='ids'")
        height, width = observation_space.shape
        plane = torch.arange(256).clamp(max=_MAP_CLASSES - 1)
        plane[_FIRST_PLAYER:] = _MAP_CLASSES
        self.register_buffer("planes", torch.nn.functional.one_hot(plane, _MAP_CLASSES + 1).float())
        self.layers = _small_network(_MAP_CLASSES + 1, height, width, filters, features_dim)

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        return self.layers(self.planes[observations.long()].permute(0, 3, 1, 2))


class WindowFeatures(BaseFeaturesExtractor):
    """RGB windows through a convolution of 3x3 and a dense layer: SB3's own network for images wants 36 pixels and more."""

    def __init__(self, observation_space: spaces.Box, features_dim: int = 64, filters: int = 8) -> None:
        super().__init__(observation_space, features_dim)
        # SB3 has put channels first by now, and divides by 255.
        channels, height, width = observation_space.shape
        self.layers = _small_network(channels, height, width, filters, features_dim)

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        return self.layers(observations)


def _small_network(channels: int, height: int, width: int, filters: int, features: int) -> torch.nn.Sequential:
    return torch.nn.Sequential(
        torch.nn.Conv2d(channels, filters, 3),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(filters * (height - 2) * (width - 2), features),
        torch.nn.ReLU(),
    )


def policy_for(venv: VecEnv, net_arch: Sequence[int] = (32, 32)) -> dict[str, Any]:
    """What `PPO(**policy_for(venv), env=venv, ...)` takes so that the network fits what players see."""
    shape = venv.observation_space.shape
    extractor = {2: ClassIdFeatures, 3: WindowFeatures}.get(len(shape))
    policy = "CnnPolicy" if len(shape) == 3 else "MlpPolicy"
    settings: dict[str, Any] = {"net_arch": list(net_arch)}
    if extractor is not None:
        settings["features_extractor_class"] = extractor
    return {"policy": policy, "policy_kwargs": settings}
