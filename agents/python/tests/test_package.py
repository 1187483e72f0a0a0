"""What the package needs, and what it says where that is missing."""

import subprocess
import sys


def without(libraries, code):
    """What `code` prints in a Python that has none of `libraries`."""
    hide = f"import sys; sys.modules.update(dict.fromkeys({libraries!r})); "
    return subprocess.run([sys.executable, "-c", hide + code], capture_output=True, text=True)


def test_training_and_playing_take_numpy_alone(arena):
    code = f"""
from commons_arena import connect
with connect({arena.url!r}, {arena.token!r}) as connection, connection.open("harvest", 2, players=2) as batch:
    batch.reset()
    print(batch.step([[0, 1], [2, 3]]).observations.shape)
"""
    done = without(["gymnasium", "pettingzoo", "stable_baselines3", "torch"], code.strip())
    assert (done.stdout.strip(), done.stderr) == ("(2, 2, 15, 15)", "")


def test_a_missing_library_is_named_with_how_to_get_it():
    done = without(["stable_baselines3"], "import commons_arena; commons_arena.vector_env")
    assert "vector_env needs stable_baselines3: pip install 'agents/python[sb3]'" in done.stderr
    done = without(["pettingzoo"], "import commons_arena; commons_arena.parallel_env")
    assert "parallel_env needs pettingzoo: pip install 'agents/python[zoo]'" in done.stderr
