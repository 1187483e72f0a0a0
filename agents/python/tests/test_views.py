"""What waits until a player asks: the newest observation, with the rewards of those that it has taken the place of."""

import itertools

import numpy as np

from commons_arena import Observation
from commons_arena.views import WaitingObservations


def observation(episode, tick, rewards, ended=False, seats=None, missed=0):
    seats = range(len(rewards)) if seats is None else seats
    count = len(rewards)
    return Observation(
        episode=episode,
        tick=tick,
        stepped=tick > 0,
        ended=ended,
        seats=np.array(seats, np.uint8),
        actions=np.zeros(count, np.uint8),
        own=np.zeros(count, bool),
        terminated=np.zeros(count, bool),
        rewards=np.array(rewards, np.float64),
        totals=np.zeros(count),
        last_actions=None,
        visible=np.zeros((count, 2), bool),
        observations=np.zeros((count, 1)),
        missed=missed,
    )


def drained(waiting):
    return list(iter(waiting.take, None))


def after(*observations):
    waiting = WaitingObservations()
    for one in observations:
        waiting.add(one)
    return [(seen.episode, seen.tick, seen.rewards.tolist(), seen.missed) for seen in drained(waiting)]


def test_within_an_episode_the_newest_has_the_rewards_of_all():
    story = observation(0, 1, [1, -1]), observation(0, 2, [2, 0]), observation(0, 3, [4, 0.5])
    assert after(*story) == [(0, 3, [7, -0.5], 2)]


def test_an_end_is_kept_and_its_rewards_stay_with_it():
    story = (
        observation(0, 1, [1]),
        observation(0, 2, [2], ended=True),
        observation(1, 0, [0]),
        observation(1, 1, [4]),
    )
    assert after(*story) == [(0, 2, [3], 1), (1, 1, [4], 1)]


def test_an_end_that_is_older_than_another_is_gone():
    ends = [one for k in range(3) for one in (observation(k, 1, [1]), observation(k, 2, [1], ended=True))]
    assert after(*ends, observation(3, 0, [0])) == [(2, 2, [2], 3), (3, 0, [0], 0)]


def test_an_episode_without_an_end_leaves_no_rewards_to_the_next():
    assert after(observation(0, 1, [1]), observation(1, 1, [4])) == [(1, 1, [4], 1)]


def test_rewards_go_with_their_seat_where_another_was_given_up():
    story = observation(0, 1, [1, 2, 4], seats=[5, 0, 3]), observation(0, 2, [8, 16], seats=[5, 3])
    assert after(*story) == [(0, 2, [9, 20], 1)]


def test_what_is_given_and_what_is_missed_are_all_ticks_that_could_be_acted_for():
    for story in itertools.product(("step", "end", "take"), repeat=7):
        waiting = WaitingObservations()
        episode = sent = 0
        taken = []
        for event in story:
            if event == "take":
                taken += filter(None, [waiting.take()])
                continue
            waiting.add(observation(episode, 1, [1], ended=event == "end"))
            episode += event == "end"
            sent += event == "step"
        taken += drained(waiting)
        assert sum(seen.missed + (not seen.ended) for seen in taken) == sent, story
