"""The real dodo.py on the steps of the miniature."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import miniature

miniature.install()

from dodo import *  # noqa: E402, F403
