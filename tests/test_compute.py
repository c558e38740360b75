"""Where steps run: what a process does while it waits for one."""

import subprocess
import sys

CODE = """
import sys, time
from hstlc import compute
with compute._ONE:  # a step is at work
    compute.get_ready()
    time.sleep(5 * compute.AT_ONCE_S)
    assert not any(module in sys.modules for module in compute.USUAL)
until = time.monotonic() + 120
while not all(module in sys.modules for module in compute.USUAL):
    assert time.monotonic() < until
    time.sleep(0.1)
"""


def test_a_new_process_imports_what_usual_steps_need_but_never_beside_a_step():
    done = subprocess.run([sys.executable, '-c', CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
