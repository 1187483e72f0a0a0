"""PettingZoo's parallel API over a hosted arena, with actions by chance: python random_play.py URL TOKEN"""

import sys

from commons_arena import parallel_env

if len(sys.argv) != 3:
    sys.exit(__doc__)
url, token = sys.argv[1:]
env = parallel_env(url, token, "cleanup", players=3, episode_length=200)

for seed in range(3):
    observations, infos = env.reset(seed=seed)
    while env.agents:
        actions = {agent: env.action_space(agent).sample() for agent in env.agents}
        observations, rewards, terminations, truncations, infos = env.step(actions)
    social = infos["player_0"]["social"]
    print(f"seed {seed}: return {social.collective_return:.0f}, equality {social.equality:.2f}")

env.close()
