"""Programs that tests call, and the reasons for which they are skipped where one is absent."""

import shutil
import subprocess

import pytest

needs_fitsverify = pytest.mark.skipif(
    shutil.which('fitsverify') is None, reason='fitsverify is not installed (Debian package fitsverify)'
)
needs_stilts = pytest.mark.skipif(shutil.which('stilts') is None, reason='stilts is not installed (Debian package stilts)')


def stilts(*arguments):
    """Return what stilts says, all of it; a failure is an error."""
    done = subprocess.run(['stilts', *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def fitsverify(path):
    """Return the last lines of fitsverify's report."""
    return subprocess.run(['fitsverify', str(path)], capture_output=True, text=True, check=False).stdout
