"""Buffers written by hand, as docs/agents.md lays them out, are read as what they say."""

import struct

import numpy as np
import pytest

from commons_arena import ArenaError, Game
from commons_arena.frames import FrameLayout
from commons_arena.views import PlayLayout


def game(**changes):
    description = {
        "environment": "harvest",
        "options": {},
        "players": 2,
        "encoding": "ids",
        "packing": "plain",
        "observation": {"dtype": "uint8", "shape": [1, 3], "low": 0, "high": 255},
        "actions": ["stay", "left"],
        "actionBytes": 1,
        "actionRange": None,
        "episodeLength": 10,
        "leaders": [],
        "revealsActions": False,
        **changes,
    }
    return Game.of(description)


# One environment, two players: batch 7, one episode ended; rewards 1 and -0.5; player 1 terminated; done.
HEAD = struct.pack("<HH2f2B1B", 7, 1, 1, -0.5, 0, 1, 1)
# Return, apples, steps eaten at, fines, steps timed out, of both players; then steps and hits.
COUNTS = struct.pack("<12d", 3, 1, 4, 0, 10, 0, 2, 0, 0, 5, 10, 6)
STEP = HEAD + b"\0" + bytes([1, 2, 3, 4, 5, 16]) + b"\0\0" + struct.pack("<I", 0) + COUNTS + bytes([9] * 6) + b"\0\0"


def test_a_step_is_read_as_it_was_written():
    frame = FrameLayout(game(), 1, visible=False).read(bytearray(STEP))
    assert frame.rewards.tolist() == [[1, -0.5]]
    assert frame.terminated.tolist() == [[False, True]]
    assert frame.done.tolist() == [True]
    assert frame.observations.tolist() == [[[[1, 2, 3]], [[4, 5, 16]]]]
    assert frame.visible is None


def test_an_ended_episode_has_its_counts_and_last_observations():
    (ended,) = FrameLayout(game(), 1, visible=False).read(bytearray(STEP)).ended
    assert (ended.environment, ended.steps, ended.hits) == (0, 10, 6)
    assert ended.returns.tolist() == [3, 1]
    assert ended.observations.tolist() == [[[9, 9, 9]], [[9, 9, 9]]]


def test_social_outcomes_are_those_of_the_counts():
    (ended,) = FrameLayout(game(), 1, visible=False).read(bytearray(STEP)).ended
    social = ended.social()
    assert social.collective_return == 4
    assert social.efficiency == 0.4
    # One ate 4 apples and the other none: 1 - (4 + 4) / (2 * 2 * 4).
    assert social.equality == 0.5
    # The one who ate did so at steps that add up to 10.
    assert social.sustainability == 2.5
    # 5 of 20 player steps were spent out of play.
    assert social.peace == 1.5


def test_observations_can_be_written_to():
    assert FrameLayout(game(), 1, visible=False).read(bytearray(STEP)).observations.flags.writeable


def test_who_sees_whom_lies_before_observations():
    layout = FrameLayout(game(), 1, visible=True)
    head = struct.pack("<HH2f2B1B", 7, 0, 0, 0, 0, 0, 0)
    frame = layout.read(bytearray(head + bytes([1, 0, 1, 1]) + b"\0" + bytes([1, 2, 3, 4, 5, 16]) + b"\0\0"))
    assert frame.visible.tolist() == [[[True, False], [True, True]]]
    assert frame.observations[0, 1].tolist() == [[4, 5, 16]]


def test_two_cells_a_byte_come_apart_with_the_low_half_first():
    layout = FrameLayout(game(packing="nibbles"), 1, visible=False)
    head = struct.pack("<HH2f2B1B", 7, 0, 0, 0, 0, 0, 0)
    # Apple and player 2 are 3 and 11, the code of class id 18.
    frame = layout.read(bytearray(head + b"\0" + bytes([3 | 11 << 4, 0x21, 0x90]) + b"\0"))
    assert frame.observations.tolist() == [[[[3, 18, 1]], [[2, 0, 16]]]]


def test_an_odd_number_of_cells_leaves_half_a_byte_unused():
    one = game(players=1, packing="nibbles")
    head = struct.pack("<HHf1B1B", 7, 0, 0, 0, 0)
    frame = FrameLayout(one, 1, visible=False).read(bytearray(head + b"\0\0" + bytes([0x21, 0x03]) + b"\0\0"))
    assert frame.observations.tolist() == [[[[1, 2, 3]]]]


def test_continuous_games_have_float32_both_ways():
    continuous = game(
        players=1,
        encoding="state",
        observation={"dtype": "float32", "shape": [2], "low": -1, "high": 1},
        actions=None,
        actionBytes=8,
        actionRange=[-2, 2],
    )
    layout = FrameLayout(continuous, 1, visible=False)
    head = struct.pack("<HHf1B1B", 7, 0, 0, 0, 0)
    assert layout.request_bytes == 4 + 8
    assert layout.read(bytearray(head + b"\0\0" + struct.pack("<2f", 0.5, -1))).observations.tolist() == [[[0.5, -1]]]


@pytest.mark.parametrize("wrong", [STEP[:-1], STEP + b"\0", b"", STEP[:3], b"\0\0\xff\xff" + STEP[4:]])
def test_a_buffer_of_another_length_is_refused(wrong):
    with pytest.raises(ArenaError) as refused:
        FrameLayout(game(), 1, visible=False).read(bytearray(wrong))
    assert refused.value.code == "bad-frame"


def test_an_observation_of_a_room_is_read_as_it_was_written():
    layout = PlayLayout(game(revealsActions=True), 1)
    frame = struct.pack("<HBBII", 3, 1, 3, 5, 40) + struct.pack("<4Bfd", 1, 4, 1, 0, 2, 12)
    frame += bytes([0, 4]) + bytes([1, 1]) + bytes([1, 2, 3]) + b"\0"
    seen = layout.read(bytearray(frame[:-1]))
    assert (seen.episode, seen.tick, seen.stepped, seen.ended) == (5, 40, True, True)
    assert (seen.seats.tolist(), seen.actions.tolist(), seen.own.tolist()) == ([1], [4], [True])
    assert (seen.rewards.tolist(), seen.totals.tolist()) == ([2], [12])
    assert seen.last_actions.tolist() == [0, 4]
    assert seen.visible.tolist() == [[True, True]]
    assert seen.observations.tolist() == [[[1, 2, 3]]]
    assert layout.size == len(frame) - 1
