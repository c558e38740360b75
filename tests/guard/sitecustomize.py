"""Programs that tests start with this folder and tests/ in PYTHONPATH cannot reach other machines either."""

import loopback

loopback.install()
