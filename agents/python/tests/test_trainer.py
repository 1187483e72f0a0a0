"""Private environments of a real arena, and what it refuses."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import NODE, ROOT, arena_command, make_token

from commons_arena import ArenaError, ConnectionLost, connect


def scripted(environments, players, steps, actions):
    """Actions that look like chance and are the same in every language: [steps, E, N]."""
    t, e, i = np.indices((steps, environments, players))
    return ((t * 7 + e * 5 + i * 3 + t * t) % actions).astype(np.uint8)


def code_of(call, *arguments, **settings):
    with pytest.raises(ArenaError) as refused:
        call(*arguments, **settings)
    return refused.value.code


def in_node(**asked):
    """What the same environments do in Node: observations and rewards of each step, as hexadecimal text."""
    command = [NODE, Path(__file__).parent / "trajectory.ts", json.dumps(asked)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)


@pytest.mark.parametrize(
    ("environment", "encoding", "packing", "players"),
    [
        ("harvest", "ids", "plain", 3),
        ("harvest", "ids", "nibbles", 7),
        ("cleanup", "rgb", "plain", 2),
        ("cartpole", "state", "plain", 1),
    ],
)
def test_it_is_the_environment_of_node_to_the_byte(connection, environment, encoding, packing, players):
    count = 12
    seeds = [11, 2**52 + 1]
    with connection.open(
        environment, 2, encoding=encoding, packing=packing, players=players, episode_length=100
    ) as batch:
        actions = scripted(2, players, count, len(batch.game.actions))
        frames = [batch.reset(seeds)]
        for t in range(count):
            frames.append(batch.step(actions[t]))
            if frames[-1].done.any():
                break
    expected = in_node(
        environment=environment, encoding=encoding, players=players, seeds=seeds, actions=actions.tolist()
    )
    assert len(frames) > 5
    for frame, (observations, rewards) in zip(frames, expected):
        ended = {over.environment: over.observations for over in frame.ended}
        last = np.stack([ended.get(e, frame.observations[e]) for e in range(2)])
        assert last.tobytes().hex() == observations
        assert frame.rewards.tobytes().hex() == rewards


def test_episodes_end_at_their_length_and_the_next_begins(connection):
    with connection.open("harvest", 2, players=2, episode_length=3) as batch:
        batch.reset([1, 2])
        steps = [batch.step(np.zeros((2, 2), np.uint8)) for _ in range(4)]
    assert [step.done.tolist() for step in steps] == [[False] * 2, [False] * 2, [True] * 2, [False] * 2]
    assert not steps[2].terminated.any()
    assert [ended.steps for ended in steps[2].ended] == [3, 3]


def test_a_saved_state_goes_on_as_it_would_have(connection):
    with connection.open("harvest", 3, players=2, seed=5) as batch:
        batch.reset()
        actions = scripted(3, 2, 20, len(batch.game.actions))
        for t in range(10):
            batch.step(actions[t])
        state = batch.save()
        first = [batch.step(actions[t]).observations.tobytes() for t in range(10, 20)]
        batch.load(state)
        assert [batch.step(actions[t]).observations.tobytes() for t in range(10, 20)] == first


def test_one_connection_carries_several_batches(connection):
    with connection.open("harvest", 1, players=2) as one, connection.open("cartpole", 2) as other:
        one.reset([1])
        other.reset([1, 2])
        asked = [one.send([0, 0]), other.send([0, 1])]
        assert other.wait(asked[1]).observations.shape == (2, 1, 4)
        assert one.wait(asked[0]).observations.shape == (1, 2, 15, 15)


def test_who_sees_whom_comes_where_it_is_asked_for(connection):
    with connection.open("harvest", 2, players=3, visible=True) as batch:
        seen = batch.reset([1, 2]).visible
    assert seen.shape == (2, 3, 3)
    assert seen[:, range(3), range(3)].all()


def test_errors_have_codes(connection):
    with connection.open("harvest", 1, players=2) as batch:
        assert code_of(batch.step, [0, 0]) == "not-reset"
        batch.reset()
        assert code_of(batch.step, [0, 99]) == "bad-action"
        assert code_of(batch.step, np.array([0, 99], np.uint8)) == "bad-action"
        assert code_of(batch.step, [0, -1]) == "bad-action"
        assert code_of(batch.reset, [1, 2]) == "bad-message"
        assert code_of(batch.load, b"no state") == "bad-snapshot"
        assert code_of(connection.call, "step", b"\0\0\0\0") == "wrong-length"
        # The batch has gone through all of that unharmed.
        assert batch.step([0, 0]).rewards.shape == (1, 2)
    assert code_of(batch.step, [0, 0]) == "no-batch"
    assert code_of(connection.open, "chess") == "bad-options"
    assert code_of(connection.open, "harvest", apples=3) == "bad-options"
    assert code_of(connection.open, "harvest", encoding="sound") == "bad-options"


def test_actions_that_would_be_cut_or_have_the_wrong_shape_are_refused_here(connection):
    with connection.open("harvest", 1, players=2) as batch:
        batch.reset()
        with pytest.raises(ValueError, match="integers"):
            batch.step([0.5, 1.0])
        with pytest.raises(ValueError, match="shape"):
            batch.step([0, 0, 0])


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_wrong_token_is_refused_with_a_reason(arena, token):
    with pytest.raises(ArenaError, match="token") as refused:
        connect(arena.url, token)
    assert refused.value.code == "bad-token"


def test_a_token_of_another_scope_may_connect_and_not_train(arena):
    made = make_token(arena.data, "--scopes", "watch")
    with connect(arena.url, made.token) as connection:
        assert code_of(connection.open, "harvest") == "missing-scope"


def test_a_revoked_token_ends_the_connection_and_says_so(arena):
    made = make_token(arena.data)
    with connect(arena.url, made.token) as connection, connection.open("harvest", 1, players=2) as batch:
        batch.reset()
        arena_command("token", "revoke", made.id, "--data", arena.data)
        with pytest.raises(ConnectionLost) as lost:
            while True:
                batch.step([0, 0])
        assert lost.value.code == "revoked-token"
        # Whoever asks again is told the same.
        assert code_of(batch.step, [0, 0]) == "revoked-token"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "127.0.0.1:2567", "ftp://127.0.0.1", "http://"])
def test_nobody_there_is_said(url):
    with pytest.raises(ArenaError) as refused:
        connect(url, "token")
    assert refused.value.code == "unreachable"


def test_pings_are_answered_while_the_learner_thinks(arena):
    """What the thread that looks for pings does, done now: an answer that waits is not lost by it."""
    with connect(arena.url, arena.token) as connection, connection.open("harvest", 1, players=2) as batch:
        batch.reset()
        asked = batch.send([0, 0])
        while not connection._socket.readable():
            pass
        connection.read_waiting()
        assert batch.wait(asked).rewards.shape == (1, 2)


def test_an_interrupt_while_reading_ends_the_connection_rather_than_garble_it(arena, monkeypatch):
    with connect(arena.url, arena.token) as connection, connection.open("harvest", 1, players=2) as batch:
        batch.reset()

        def interrupted():
            raise KeyboardInterrupt

        asked = batch.send([0, 0])
        monkeypatch.setattr(connection._socket, "receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            batch.wait(asked)
        monkeypatch.undo()
        with pytest.raises(ConnectionLost, match="interrupt"):
            batch.step([0, 0])
