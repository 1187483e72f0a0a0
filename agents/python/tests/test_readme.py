"""What the README shows is what is tested."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def test_the_readme_shows_the_example_as_it_is():
    assert (PACKAGE / "examples/train_ppo.py").read_text() in (PACKAGE / "README.md").read_text()


def test_the_example_is_thirty_lines_at_most():
    assert len((PACKAGE / "examples/train_ppo.py").read_text().splitlines()) <= 30
