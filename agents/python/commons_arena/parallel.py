"""One private environment as PettingZoo's `ParallelEnv`: all players act at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from pettingzoo import ParallelEnv
from pettingzoo.utils.conversions import parallel_to_aec

from .connection import Connection, connect
from .errors import ArenaError
from .frames import Frame


class ArenaParallelEnv(ParallelEnv[str, np.ndarray, Any]):
    """Players are `player_0` to `player_{N-1}`; observations, rewards and ends are the rules' own.

    What ends an episode by the rules is a termination, what cuts it at its length a truncation. With its last step infos
    have `episode`: `return` (the player's, of raw rewards) and `length`, and `social`, a `SocialOutcome` of all players.
    """

    metadata = {"name": "commons_arena", "is_parallelizable": True, "render_modes": []}
    render_mode = None

    def __init__(self, connection: Connection, environment: str, owns: bool, **settings: Any) -> None:
        self.batch = connection.open(environment, 1, autoreset=False, owns=owns, **settings)
        self.game = self.batch.game
        self.metadata = {**type(self).metadata, "name": f"commons_arena/{environment}"}
        self.possible_agents = [f"player_{i}" for i in range(self.game.players)]
        self.agents: list[str] = []
        self.observation_spaces = {agent: self.game.observation_space() for agent in self.possible_agents}
        self.action_spaces = {agent: self.game.action_space() for agent in self.possible_agents}
        shape = (1, self.game.players, *self.game.action_shape)
        discrete = self.game.actions is not None
        self._actions = np.zeros(shape, np.int64 if discrete else np.float32)

    def observation_space(self, agent: str) -> Any:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict | None = None) -> tuple[dict, dict]:
        """Starts an episode. @param seed from 0 on: the episode follows from it and the actions; else from the last one's."""
        frame = self.batch.reset(None if seed is None else [seed])
        self.agents = list(self.possible_agents)
        return self._each(frame.observations[0]), {agent: self._info(frame, i) for i, agent in enumerate(self.agents)}

    def step(self, actions: dict[str, Any]) -> tuple[dict, dict, dict, dict, dict]:
        if not self.agents:
            raise ArenaError("episode-over", "the episode is over, or none has begun: call reset")
        try:
            for i, agent in enumerate(self.possible_agents):
                self._actions[0, i] = actions[agent]
        except KeyError as missing:
            raise ArenaError("bad-action", f"there is no action of {missing}: all players act at once") from None
        frame = self.batch.step(self._actions)
        agents = self.agents
        over = bool(frame.done[0])
        terminated = frame.terminated[0]
        if over:
            self.agents = []
        return (
            self._each(frame.observations[0]),
            {agent: float(frame.rewards[0, i]) for i, agent in enumerate(agents)},
            {agent: bool(terminated[i]) for i, agent in enumerate(agents)},
            {agent: over and not terminated[i] for i, agent in enumerate(agents)},
            {agent: self._info(frame, i) for i, agent in enumerate(agents)},
        )

    def _each(self, observations: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip(self.possible_agents, observations))

    def _info(self, frame: Frame, player: int) -> dict[str, Any]:
        info: dict[str, Any] = {}
        if frame.visible is not None:
            info["visible"] = frame.visible[0, player]
        for ended in frame.ended:
            info["episode"] = {"return": float(ended.returns[player]), "length": ended.steps}
            info["social"] = ended.social()
        return info

    def state(self) -> np.ndarray:
        raise NotImplementedError("players see windows, and there is no state to see beside")

    def close(self) -> None:
        self.batch.close()


def parallel_env(
    url: str,
    token: str,
    environment: str = "harvest",
    *,
    preset: str | None = None,
    encoding: str | None = None,
    packing: str = "plain",
    visible: bool = False,
    seed: int = 0,
    **options: Any,
) -> ArenaParallelEnv:
    """A private environment on the arena at `url`, over a connection of its own.

    @param token made by `arena token create`.
    @param encoding of observations: on a grid "ids" (class ids, the default) or "rgb".
    @param seed from which all episodes follow that `reset` gives no seed.
    @param options of the environment that differ from the preset: `players`, `episode_length` (or `max_cycles`), ...
    """
    return ArenaParallelEnv(
        connect(url, token),
        environment,
        owns=True,
        preset=preset,
        encoding=encoding,
        packing=packing,
        visible=visible,
        seed=seed,
        **options,
    )


def env(url: str, token: str, environment: str = "harvest", **settings: Any) -> Any:
    """The same as PettingZoo's `AECEnv`, in which players take turns and the step is made by the last one's."""
    return parallel_to_aec(parallel_env(url, token, environment, **settings))
