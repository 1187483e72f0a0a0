"""A program as a player in a room of a real arena."""

import re
import runpy
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from commons_arena import ArenaError, connect

EXAMPLES = Path(__file__).parents[1] / "examples"
FORWARD, STAY, TURN = 2, 4, 5

# Ticks come when everybody has acted, so nothing here depends on how fast anything is.
LOCKSTEP = {"clock": "lockstep", "lockstepTimeout": 600, "bots": ["open"]}


@pytest.fixture
def room(connection):
    """Makes rooms in which ticks wait for players."""
    return lambda **options: connection.create(**{**LOCKSTEP, **options})[0]


def play_until(player, tick):
    """Stays, until it sees that tick of its episode."""
    for seen in player:
        if seen.tick == tick:
            return
        player.act(STAY)


def test_a_player_sees_acts_and_is_paid(connection, room):
    with connection.join(room(players=2, episodeLength=5, seed=4), seats=2, name="python") as player:
        assert sorted(player.seats) == [0, 1]
        assert (player.clock, player.game.players, player.game.episode_length) == ("lockstep", 2, 5)
        seen = []
        for observation in player:
            seen.append(observation)
            if observation.ended:
                break
            player.act([FORWARD, TURN])
    assert [observation.tick for observation in seen] == [0, 1, 2, 3, 4, 5]
    assert [observation.stepped for observation in seen] == [False] + [True] * 5
    assert [observation.ended for observation in seen] == [False] * 5 + [True]
    for observation in seen[1:]:
        assert observation.actions.tolist() == [FORWARD, TURN]
        assert observation.own.all()
        assert observation.observations.shape == (2, 15, 15)
    assert np.array_equal(sum(observation.rewards for observation in seen), seen[-1].totals)


def test_whoever_is_slow_sees_the_newest_with_the_rewards_of_those_before(arena, connection, room):
    with connection.join(room(players=2, episodeLength=100), [0]) as slow, connect(arena.url, arena.token) as another:
        beam = slow.game.actions.index("fine")
        next(slow)
        other = another.join(slow.room, [1])
        # Its actions are there beforehand, so that the room steps without it being asked.
        for tick in range(5):
            assert slow.act(beam, tick, wait=True) == ["taken"]
        play_until(other, tick=5)
        seen = next(slow)
    assert (seen.tick, seen.missed, slow.missed) == (5, 4, 4)
    assert seen.rewards[0] == seen.totals[0] < 0


def test_whoever_is_slow_sees_the_end_of_an_episode(arena, connection, room):
    with connection.join(room(players=2, episodeLength=3), [0]) as slow, connect(arena.url, arena.token) as another:
        next(slow)
        other = another.join(slow.room, [1])
        for tick in range(3):
            assert slow.act(STAY, tick, wait=True) == ["taken"]
        play_until(other, tick=3)
        assert next(other).episode == 1
        seen = next(slow), next(slow)
    assert [(one.episode, one.tick, one.ended, one.missed) for one in seen] == [(0, 3, True, 2), (1, 0, False, 0)]


def test_after_the_end_of_an_episode_there_is_no_tick_to_act_for(connection, room):
    with connection.join(room(players=1, episodeLength=1, episodes=1), 1) as player:
        next(player)
        player.act(STAY)
        assert next(player).ended
        assert player.act(STAY, wait=True) == []


def test_players_of_one_connection_can_have_a_thread_each(connection, room):
    name = room(players=2, episodeLength=50, episodes=1)
    # Or one would act before the other is there to be waited for.
    both = Barrier(2)

    def ticks(seat):
        with connection.join(name, [seat]) as player:
            both.wait()
            return sum(player.act(STAY, wait=True) == ["taken"] for _ in player)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(ticks, range(2))) == [50, 50]


def test_rooms_are_listed(connection, room):
    with connection.join(room(title="of python")):
        assert "of python" in [listed["title"] for listed in connection.rooms()]


def test_packed_windows_are_unpacked(connection, room):
    with connection.join(room(players=3), seats=3, packing="nibbles") as player:
        seen = next(player)
    # The own cell, in the middle, has the player's own class id.
    assert seen.observations[:, 7, 7].tolist() == [16 + seat for seat in player.seats]
    assert seen.visible[range(3), player.seats].all()


def test_a_seat_can_be_chosen_and_taken_once(connection, room):
    name = room(players=3)
    with connection.join(name, [2]) as player:
        assert player.seats == [2]
        with pytest.raises(ArenaError) as refused:
            connection.join(name, [2])
        assert refused.value.code in ("seat-taken", "no-free-seat")
        with connection.join(name, 2) as others:
            assert sorted(others.seats) == [0, 1]
    with pytest.raises(ArenaError) as refused:
        connection.join("nowhere")
    assert refused.value.code == "no-room"


def test_what_became_of_actions_is_told(connection, room):
    with connection.join(room(players=2, episodeLength=100), 1) as one:
        next(one)
        with connection.join(one.room, 1) as other:
            next(other)
            assert one.act(STAY, tick=50, wait=True) == ["early"]
            assert one.act(99, wait=True) == ["bad-action"]
            assert one.act(STAY, wait=True) == ["taken"]
            assert one.act(FORWARD, wait=True) == ["doubled"]
            other.act(STAY)
            assert next(one).actions[0] == FORWARD
            assert one.act(STAY, tick=0, wait=True) == ["late"]
            # Nobody waits for this one's answer, so that it comes by itself.
            one.act(STAY, tick=0)
            connection.wait(lambda: len(one.refused) > 0)
            assert one.refused[0].code == "late"


def test_acting_for_the_wrong_number_of_seats_is_refused_here(connection, room):
    with connection.join(room(players=2), 2) as player:
        with pytest.raises(ArenaError, match="iterate"):
            player.act([0, 0])
        next(player)
        with pytest.raises(ValueError, match="2 seats"):
            player.act([0])
        with pytest.raises(ArenaError, match="numbers"):
            player.act([0, 255])


def test_a_match_that_is_over_ends_the_iteration_and_says_why(connection, room):
    with connection.join(room(players=1, episodeLength=2, episodes=1), 1) as player:
        for observation in player:
            if not observation.ended:
                player.act(STAY)
    assert observation.ended
    assert player.why_left.code == "match-over"


def test_whoever_has_left_sees_no_more(connection, room):
    player = connection.join(room(players=1), 1)
    next(player)
    player.leave()
    assert list(player) == []


def test_a_seat_is_taken_back_after_a_lost_connection(arena, connection, room):
    name = room(players=2)
    with connection.join(name, [0]) as stays:
        next(stays)
        lost = connect(arena.url, arena.token)
        player = lost.join(name, [1])
        token = player.tokens[0]
        lost._socket.close()
        with connection.join(name, tokens=[token]) as again:
            assert again.seats == [1]


def test_random_play_of_the_examples_runs(arena, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["random_play.py", arena.url, arena.token])
    runpy.run_path(str(EXAMPLES / "random_play.py"), run_name="__main__")
    assert capsys.readouterr().out.count("return") == 3


def test_the_bot_of_the_examples_eats_apples(arena, room, monkeypatch, capsys):
    name = room(players=1, episodeLength=200, episodes=1)
    monkeypatch.setattr(sys, "argv", ["room_bot.py", arena.url, arena.token, name])
    runpy.run_path(str(EXAMPLES / "room_bot.py"), run_name="__main__")
    points = re.search(r"episode \d+: (\d+) points", capsys.readouterr().out)
    assert int(points[1]) > 10
