"""Stable-Baselines3's PPO learns through a real arena, and its environment says what SB3 relies on."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecMonitor

from commons_arena import ClassIdFeatures, policy_for, vector_env

EXAMPLES = Path(__file__).parents[1] / "examples"
torch.set_num_threads(1)


@pytest.fixture
def make(arena):
    """Makes environments, which are closed when the test is over."""
    made = []

    def one(environment="harvest", environments=2, **settings):
        made.append(vector_env(arena.url, arena.token, environment, environments, **settings))
        return made[-1]

    yield one
    for venv in made:
        venv.close()


def test_each_player_of_each_environment_is_a_row(make):
    venv = make(players=3)
    assert venv.num_envs == 6
    assert venv.reset().shape == (6, 15, 15)
    observations, rewards, dones, infos = venv.step(np.zeros(6, np.int64))
    assert (observations.shape, rewards.shape, dones.shape, len(infos)) == ((6, 15, 15), (6,), (6,), 6)
    assert rewards.dtype == np.float32


def test_an_episode_that_was_cut_says_so_with_its_last_observation(make):
    venv = make(players=2, episode_length=2)
    venv.reset()
    *_, infos = venv.step(np.zeros(4, np.int64))
    assert infos == [{}] * 4
    observations, _, dones, infos = venv.step(np.zeros(4, np.int64))
    assert dones.all()
    for row in range(4):
        assert infos[row]["TimeLimit.truncated"] is True
        assert infos[row]["terminal_observation"].shape == (15, 15)
        assert infos[row]["episode"]["l"] == 2
    # Environments are in the next episode already.
    assert not np.array_equal(np.stack([info["terminal_observation"] for info in infos]), observations)


def test_an_episode_that_failed_was_not_cut(make):
    venv = make("cartpole", 1)
    venv.reset()
    dones = [False]
    steps = 0
    while not dones[0]:
        _, _, dones, infos = venv.step(np.array([1]))
        steps += 1
    assert infos[0]["TimeLimit.truncated"] is False
    # One point a step.
    assert (infos[0]["episode"]["r"], infos[0]["episode"]["l"]) == (steps, steps)


def test_returns_are_those_that_the_monitor_of_sb3_finds(make):
    venv = make(players=5, episode_length=40, seed=3)
    monitored = VecMonitor(venv)
    rng = np.random.default_rng(1)
    monitored.reset()
    for _ in range(40):
        actions = rng.integers(0, 8, venv.num_envs)
        monitored.step_async(actions)
        own = []
        step_wait = venv.step_wait
        venv.step_wait = lambda: own.append(step_wait()) or own[0]
        *_, infos = monitored.step_wait()
        venv.step_wait = step_wait
    found = [info["episode"]["r"] for info in infos]
    assert found == [info["episode"]["r"] for info in own[0][3]]
    assert sum(found[:5]) == infos[0]["social"].collective_return
    assert any(found)


def test_a_seed_is_for_the_next_reset_alone(make):
    venv = make(players=2)
    venv.seed(9)
    first = venv.reset()
    second = venv.reset()
    venv.seed(9)
    assert np.array_equal(venv.reset(), first)
    assert not np.array_equal(second, first)


def test_each_class_is_a_plane_and_all_players_are_one(make):
    features = ClassIdFeatures(make(players=2).observation_space)
    planes = features.planes[torch.tensor([0, 3, 8, 15, 16, 22, 255])].argmax(1)
    assert planes.tolist() == [0, 3, 8, 9, 10, 10, 10]


@pytest.mark.parametrize("encoding", ["ids", "rgb"])
def test_ppo_trains_saves_and_goes_on(make, tmp_path, encoding):
    venv = make(players=3, encoding=encoding, episode_length=50)
    settings = policy_for(venv)
    model = PPO(env=venv, n_steps=50, batch_size=100, n_epochs=2, seed=1, device="cpu", **settings)
    before = {name: value.clone() for name, value in model.policy.state_dict().items()}
    model.learn(1500)
    values = model.logger.name_to_value
    assert np.isfinite(values["train/loss"])
    assert np.isfinite(values["train/value_loss"])
    # Five updates of 6 rows at 50 steps have seen each episode to its end.
    assert len(model.ep_info_buffer) == 30
    assert any(not torch.equal(before[name], value) for name, value in model.policy.state_dict().items())
    model.save(tmp_path / "model")
    again = PPO.load(tmp_path / "model", env=venv, device="cpu")
    observations = venv.reset()
    assert np.array_equal(
        again.predict(observations, deterministic=True)[0], model.predict(observations, deterministic=True)[0]
    )
    again.learn(300, reset_num_timesteps=False)
    assert again.num_timesteps == 1800


def test_the_example_of_the_readme_runs(arena, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train_ppo.py", arena.url, arena.token, "4000"])
    runpy.run_path(str(EXAMPLES / "train_ppo.py"), run_name="__main__")
    assert (tmp_path / "harvest-ppo.zip").exists()
