"""Fixtures that every test may use."""

from pathlib import Path

import hypothesis
import loopback
import pytest

# the same examples every time, and no time limit for one: a busy machine is not a defect
hypothesis.settings.register_profile('hstlc', deadline=None, derandomize=True)
hypothesis.settings.load_profile('hstlc')

SHARED_DATA = Path(__file__).resolve().parents[1].parent / 'shared' / 'data'


@pytest.fixture
def shared_data() -> Path:
    """The folder of real HST files; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip('the real HST files (../shared/data) are not here')
    return SHARED_DATA


@pytest.fixture(autouse=True)
def no_network():
    """Fail a test that reaches for another machine, also where the code under test swallows the refusal."""
    attempts: list[object] = []
    loopback.install(attempts)
    yield
    loopback.remove()
    assert not attempts, f'a test tried to reach {attempts}'
