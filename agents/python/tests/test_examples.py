"""Examples that are called without what they need say how they are called."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_without_arguments_an_example_says_its_usage(example):
    done = subprocess.run([sys.executable, example], capture_output=True, text=True)
    assert done.returncode != 0
    assert f"python {example.name} URL TOKEN" in done.stderr
    assert "Traceback" not in done.stderr
