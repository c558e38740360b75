"""No writer leaves the archive: folders that are links to somewhere else are found before a run writes anything."""

import os
from collections.abc import Iterator
from pathlib import Path

from hstlc.errors import StateError
from hstlc.paths import Paths


def check_links(paths: Paths) -> None:
    """Make sure that no folder or file into which hstlc writes is a link that leads out of the archive.

    The archive is the home and the folders that settings name. The home itself may be a link, and folders of settings may;
    single files of data may too, they are only read.

    Raises
    ------
    StateError
        There is one.
    """
    chosen = paths.tops()
    inside = [os.path.realpath(folder) for folder in chosen]
    for place in _written(paths):
        if place in chosen or not os.path.islink(place):
            continue
        end = os.path.realpath(place)
        if not any(end == top or end.startswith(top + os.sep) for top in inside):
            raise StateError(
                f'{place} is a link to {end}, outside of the archive, and hstlc would write there; put the folder itself in its '
                'place, or name another one in the settings'
            )


def _written(paths: Paths) -> Iterator[Path]:
    """Yield the folders and files below the home that hstlc writes to by name, links among them."""
    yield from (paths.state, paths.lock, paths.marker, paths.catalog, paths.catalog_sources)
    yield from (paths.bad_data, paths.put_aside, paths.references, paths.delivery)
    yield from paths.folders()
    for folder in (
        paths.filesystem, paths.outputs, paths.plots, paths.plot_assets, paths.records, paths.site, paths.site_assets,
        paths.download, paths.references, paths.references / 'hst', paths.delivery,
    ):  # fmt: skip
        yield from _links(folder, files=folder == paths.download)


def _links(folder: Path, *, files: bool) -> Iterator[Path]:
    """Yield the links of a folder that are followed: to folders, and to the files in download/ that grow line by line.

    Any other link to a file is replaced when the file is written.
    """
    try:
        with os.scandir(folder) as entries:
            yield from (Path(entry.path) for entry in entries if entry.is_symlink() and (files or os.path.isdir(entry.path)))
    except (FileNotFoundError, NotADirectoryError):
        return
