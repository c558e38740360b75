"""Putting the site where others can see it: a folder or host by rsync, or a branch of a git repository."""

import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hstlc.errors import StateError
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps.check import check_site

log = logging.getLogger(__name__)
GIT = 'git:'
BRANCH = 'gh-pages'
WHO = {
    name: value
    for role in ('AUTHOR', 'COMMITTER')
    for name, value in ((f'GIT_{role}_NAME', 'hstlc'), (f'GIT_{role}_EMAIL', 'hstlc@localhost'))
}


def publish_site(settings: Settings) -> str:
    """Check the site and send it to where the setting `publish` says; return what was done.

    `publish` is a place that rsync knows (`host:folder` or a folder), or `git:<repository>#<branch>`, whose branch (`gh-pages`
    where none is named) then holds this site alone, without history.

    Raises
    ------
    StateError
        There is no site, it has dead links, `publish` says nothing, or the other side refuses.
    """
    site = Paths(settings).site
    if not settings.publish:
        raise StateError("say in hstlc.toml where to: publish = 'host:folder' (rsync) or 'git:repository#branch'")
    if not (site / 'index.html').is_file():
        raise StateError(f'there is no site in {site} yet; run doit')
    check_site(settings)
    if settings.publish.startswith(GIT):
        _push(site, settings.publish.removeprefix(GIT))
    else:
        _copy(site, settings.publish)
    return f'The site is now at {without_password(settings.publish)}'


def without_password(text: str) -> str:
    """Return a text whose addresses tell no user and no password: it will be seen in logs."""
    return re.sub(r'://[^/@\s]*@', '://', text)


def _copy(site: Path, place: str) -> None:
    options = ['--recursive', '--times', '--compress', '--delete-delay', '--chmod=D755,F644', '--exclude=.*']
    _run(['rsync', *options, '--', f'{site}/', place], site)


def _push(site: Path, place: str) -> None:
    repository, _, branch = place.partition('#')
    with tempfile.TemporaryDirectory(prefix='hstlc-publish-') as folder:
        _run(['git', 'init', '--quiet', folder], site)
        _run(['git', 'remote', 'add', 'origin', '--', repository], Path(folder))
        options = ['--no-jekyll', '--no-history', '--force', '--push', '--remote=origin', f'--branch={branch or BRANCH}']
        _run([sys.executable, '-m', 'ghp_import', *options, '--message=site', str(site)], Path(folder))


def _run(command: Sequence[str], folder: Path) -> None:
    name = 'ghp-import' if command[0] == sys.executable else command[0]
    try:
        done = subprocess.run(command, cwd=folder, env={**os.environ, **WHO}, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise StateError(f'{name} is not on this machine; install it, or publish in another way') from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise StateError(f'{name} could not publish the site: {without_password(said[-1]) if said else "no reason given"}')
    log.info('%s: done', name)
