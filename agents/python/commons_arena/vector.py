"""For learners of Gymnasium's vector environments: E environments over one connection, in which each player is a row."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from .connection import connect
from .rows import Rows
from .trainer import Batch


class ArenaVectorEnv(VectorEnv):
    """`num_envs` is E times N. The step that ends an episode starts the next one (`AutoresetMode.SAME_STEP`): infos then
    have `final_obs` and `episode` (`r`, `l`), with the rows they are of in `_final_obs` and `_episode`."""

    metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.SAME_STEP}

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.rows = Rows(batch)
        self.num_envs = self.rows.count
        self.single_observation_space = batch.game.observation_space()
        self.single_action_space = batch.game.action_space()
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """@param seed of the first environment; the others have the next ones."""
        seeds = None if seed is None else [seed + e for e in range(self.batch.environments)]
        return self.rows.reset(seeds), {}

    def step(self, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        self.rows.send(actions)
        step = self.rows.wait()
        infos: dict[str, Any] = {}
        if step.ended:
            over = step.terminated | step.truncated
            final = np.full(self.num_envs, None, dtype=object)
            returns = np.zeros(self.num_envs, np.float32)
            lengths = np.zeros(self.num_envs, np.int32)
            for row, ended, player, total, steps in step.ended:
                final[row] = ended.observations[player]
                returns[row] = total
                lengths[row] = steps
            infos = {"final_obs": final, "_final_obs": over, "episode": {"r": returns, "l": lengths}, "_episode": over}
        return step.observations, step.rewards, step.terminated, step.truncated, infos

    def close_extras(self, **kwargs: Any) -> None:
        self.batch.close()


def gymnasium_env(
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
) -> ArenaVectorEnv:
    """`environments` private environments on the arena at `url`, over one connection; see `parallel_env`."""
    connection = connect(url, token)
    settings = {"preset": preset, "encoding": encoding, "packing": packing, "seed": seed}
    return ArenaVectorEnv(connection.open(environment, environments, owns=True, **settings, **options))
