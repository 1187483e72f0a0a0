"""A bot in a room, beside people and other bots: python room_bot.py URL TOKEN ROOM

It walks to the nearest apple that it sees; windows lie with the own facing up.
"""

import sys

import numpy as np

from commons_arena import connect

if len(sys.argv) != 4:
    sys.exit(__doc__)
url, token, room = sys.argv[1:]
APPLE = 3

with connect(url, token) as connection, connection.join(room, name="python bot") as player:
    left, right, forward, backward, turn = map(
        player.game.actions.index, ("left", "right", "forward", "backward", "turn clockwise")
    )
    own = np.array([player.game.options["windowAhead"], player.game.options["windowLeft"]])
    for seen in player:
        if seen.ended:
            print(f"episode {seen.episode}: {seen.totals[0]:.0f} points")
            continue
        apples = np.argwhere(seen.observations[0] == APPLE) - own
        if len(apples) == 0:
            action = turn if seen.tick % 5 == 0 else forward
        else:
            down, across = min(apples, key=lambda apple: abs(apple).sum())
            along = abs(down) > abs(across)
            action = (backward if down > 0 else forward) if along else (right if across > 0 else left)
        player.act(action)
    print(f"the arena has ended the visit: {player.why_left}")
