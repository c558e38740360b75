"""`doit download` as a person runs it, pointed at an archive on loopback and unable to reach another."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
SECRET = 'a-token-of-somebody'  # in the environment of every run; it must appear nowhere
CONFIG = """
s3_url = '{url}/s3'
crds_url = '{url}'
sesame_url = '{url}/sesame'
reserve_bytes = 0
download_timeout = {timeout}
download_tries = 2
download_pause = 0.01
{more}
"""


def furnish(home, server, more='', timeout=10.0):
    """Write the settings of a home, and astroquery's configuration beside it."""
    home.mkdir(parents=True, exist_ok=True)
    (home / 'hstlc.toml').write_text(CONFIG.format(url=server.url, timeout=timeout, more=more))
    for folder in (config_folder(home), config_folder(home) / 'astroquery'):  # astropy from 8 on, and before
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'astroquery.cfg').write_text(f'[mast]\nserver = {server.url}\n')


def config_folder(home):
    return home.with_name(f'{home.name}_config')


def environ(home):
    """Return the environment of a run: nothing of this machine's own settings, and no way to other machines."""
    dropped = ('HSTLC_', 'ASTROPY_', 'XDG_', 'CRDS_', 'MAST_')
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped) and name not in ('lref', 'oref')}
    config = str(config_folder(home))
    return {
        **kept, 'MAST_API_TOKEN': SECRET, 'HSTLC_HOME': str(home), 'ASTROPY_CONFIG_DIR': config,
        'XDG_CONFIG_HOME': config, 'ASTROPY_CACHE_DIR': config,
        'PYTHONPATH': os.pathsep.join((str(TESTS / 'guard'), str(TESTS))), 'NO_PROXY': '*', 'OPENBLAS_NUM_THREADS': '1',
    }  # fmt: skip


def command(*arguments):
    return [sys.executable, '-m', 'doit', '-f', str(TESTS.parent / 'dodo.py'), *arguments]


def doit(home, *arguments, code=0):
    """Run doit; return what it said."""
    done = subprocess.run(
        command(*arguments), env=environ(home), capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert SECRET not in said
    return said
