"""Where steps run: what a process does while it waits for one."""

import subprocess
import sys

import pytest

CODE = """
import sys, time
from pathlib import Path
from hstlc import compute
from hstlc.settings import Settings
if {at_once}:
    compute._begun.set()
with compute._ONE:  # a step is at work
    compute.get_ready(Settings(home=Path('nowhere')))
    time.sleep(5 * compute.AT_ONCE_S)
    assert not any(module in sys.modules for module in compute.USUAL)
until = time.monotonic() + 120
while not all(module in sys.modules for module in compute.USUAL):
    assert time.monotonic() < until
    time.sleep(0.1)
assert (compute.PHOTONS[-1] in sys.modules) is not {at_once}
"""


@pytest.mark.parametrize('at_once', [False, True])
def test_a_new_process_imports_what_usual_steps_need_but_never_beside_a_step(at_once):
    done = subprocess.run([sys.executable, '-c', CODE.format(at_once=at_once)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
