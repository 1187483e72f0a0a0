"""Many environments at once as Gymnasium's vector environment."""

import numpy as np
import pytest

from commons_arena import gymnasium_env


@pytest.fixture
def envs(arena):
    made = gymnasium_env(arena.url, arena.token, "harvest", 3, players=2, episode_length=4)
    yield made
    made.close()


def test_each_player_of_each_environment_is_a_row(envs):
    observations, _ = envs.reset(seed=7)
    assert envs.num_envs == 6
    assert observations.shape == (6, 15, 15)
    assert envs.observation_space.contains(observations)
    assert envs.single_action_space.n == 8


def test_the_step_that_ends_an_episode_starts_the_next(envs):
    envs.reset(seed=7)
    for _ in range(4):
        observations, rewards, terminations, truncations, infos = envs.step(np.zeros(6, np.int64))
    assert not terminations.any()
    assert truncations.all()
    assert infos["episode"]["l"].tolist() == [4] * 6
    assert infos["_final_obs"].all()
    # What was seen last in the old episode is not what is seen first in the new one.
    assert not np.array_equal(np.stack(infos["final_obs"]), observations)
    *_, truncations, infos = envs.step(np.zeros(6, np.int64))
    assert not truncations.any()
    assert infos == {}


def test_environments_have_seeds_of_their_own(envs):
    first, _ = envs.reset(seed=7)
    again, _ = envs.reset(seed=7)
    assert np.array_equal(first, again)
    # Environment 1 of seed 7 is environment 0 of seed 8.
    other, _ = envs.reset(seed=8)
    assert np.array_equal(first[2:4], other[0:2])
    assert not np.array_equal(first[0:2], other[0:2])
