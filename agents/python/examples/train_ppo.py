"""Stable-Baselines3's PPO on Harvest against a hosted arena: python train_ppo.py URL TOKEN [STEPS]

Five players share one network: each player of each environment is a row of the vector environment.
"""

import sys

from stable_baselines3 import PPO

from commons_arena import policy_for, vector_env

if len(sys.argv) not in (3, 4):
    sys.exit(__doc__)
url, token, *steps = sys.argv[1:]

envs = vector_env(url, token, "harvest", environments=8, players=5, packing="nibbles", seed=1)
model = PPO(
    env=envs,
    n_steps=100,
    batch_size=1000,
    n_epochs=4,
    learning_rate=1e-3,
    ent_coef=0.01,
    verbose=1,
    device="cpu",
    **policy_for(envs),
)
model.learn(total_timesteps=int(steps[0]) if steps else 1_000_000)
model.save("harvest-ppo")
envs.close()
