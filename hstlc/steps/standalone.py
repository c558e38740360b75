"""A page beside products that shows one interactive figure, and can be opened from a folder."""

import os
from pathlib import Path
from typing import Any

from hstlc.paths import Paths, shared
from hstlc.site.render import render


def standalone(paths: Paths, page: Path, context: dict[str, Any]) -> str:
    """Return the HTML of the page at `page`; what it loads lies in plots/assets/."""
    assets = Path(os.path.relpath(paths.plot_assets, page.parent)).as_posix() + '/'
    return render(
        shared('site_templates'), 'standalone.html', {'picture': '', 'root': '', 'period': '', **context, 'assets': assets}
    )
