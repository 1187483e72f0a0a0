"""PettingZoo's own tests, against a real arena."""

from types import SimpleNamespace

import numpy as np
import pytest
from pettingzoo.test import max_cycles_test, parallel_api_test, parallel_seed_test

import commons_arena
from commons_arena import ArenaError, parallel_env

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture
def make(arena):
    """Makes environments, which are closed when the test is over."""
    made = []

    def one(environment="harvest", **settings):
        made.append(parallel_env(arena.url, arena.token, environment, **settings))
        return made[-1]

    yield one
    for env in made:
        env.close()


@pytest.mark.parametrize("settings", [{"players": 3}, {"environment": "cleanup", "encoding": "rgb"}])
def test_parallel_api(make, settings):
    parallel_api_test(make(episode_length=60, **settings), num_cycles=200)


@pytest.mark.parametrize("settings", [{"packing": "nibbles"}, {"environment": "cleanup", "visible": True}])
def test_parallel_seed(make, settings):
    parallel_seed_test(lambda: make(**settings), num_cycles=60)


def test_max_cycles(arena, make):
    def aec(**settings):
        return commons_arena.env(arena.url, arena.token, players=3, **settings)

    max_cycles_test(SimpleNamespace(parallel_env=lambda **settings: make(players=3, **settings), env=aec))


def test_observations_lie_in_their_space(make):
    env = make(players=2, encoding="rgb")
    observations, _ = env.reset(seed=1)
    for agent in env.agents:
        assert env.observation_space(agent).contains(observations[agent])
        assert env.observation_space(agent).shape == (15, 15, 3)


def test_the_same_seed_is_the_same_episode_and_another_is_another(make):
    env = make(players=2)
    of = [env.reset(seed=seed)[0]["player_0"].tobytes() for seed in (1, 2, 1)]
    assert of[0] == of[2]
    assert of[0] != of[1]


def test_an_episode_that_is_cut_is_truncated_and_one_that_fails_terminated(make):
    cut = make("harvest", players=2, episode_length=1)
    cut.reset(seed=1)
    _, _, terminations, truncations, infos = cut.step({"player_0": 0, "player_1": 0})
    assert (terminations["player_0"], truncations["player_0"]) == (False, True)
    assert infos["player_0"]["episode"]["length"] == 1
    assert infos["player_0"]["social"].peace == 2
    assert cut.agents == []
    # A pole that is pushed to one side only falls within 500 steps.
    falls = make("cartpole")
    falls.reset(seed=1)
    while falls.agents:
        _, _, terminations, truncations, _ = falls.step({"player_0": 1})
    assert (terminations["player_0"], truncations["player_0"]) == (True, False)


def test_steps_that_cannot_be_made_are_refused_with_a_reason(make):
    env = make(players=2, episode_length=1)
    with pytest.raises(ArenaError, match="reset"):
        env.step({"player_0": 0, "player_1": 0})
    env.reset()
    with pytest.raises(ArenaError, match="player_1"):
        env.step({"player_0": 0})
    with pytest.raises(ArenaError, match="action 99"):
        env.step({"player_0": 0, "player_1": np.int64(99)})
    env.step({"player_0": 0, "player_1": 0})
    with pytest.raises(ArenaError, match="episode is over"):
        env.step({"player_0": 0, "player_1": 0})
