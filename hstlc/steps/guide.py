"""The guide: content/ rendered by mkdocs in the look of the site."""

import logging
import tempfile
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from hstlc.errors import InputError
from hstlc.files.output import write_bytes, write_text
from hstlc.paths import Paths, shared
from hstlc.settings import Settings
from hstlc.site.render import POLICY
from hstlc.site.script import classic_script
from hstlc.site.search import sections

log = logging.getLogger(__name__)
UNWANTED = {'sitemap.xml', 'sitemap.xml.gz', '_mkdocstrings.css', 'objects.inv'}  # hold the day of the build; nobody asks for them


def make_guide(settings: Settings) -> None:
    """Render content/ into site/guide, with a search that works from a folder; only what changed is written.

    Needs `content/`, `site_templates/guide/` and `mkdocs.yml`. mkdocs empties the folder that it writes to, so it is given another.

    Raises
    ------
    InputError
        mkdocs refuses content or configuration.
    """
    guide = Paths(settings).site / 'guide'
    with tempfile.TemporaryDirectory(prefix='hstlc-guide-') as name:
        made = Path(name)
        _build(settings, made)
        wanted = {file.relative_to(made) for file in made.rglob('*') if file.is_file() and file.name not in UNWANTED}
        for file in sorted(wanted):
            write_bytes(guide / file, (made / file).read_bytes())
    pages = sorted(file for file in wanted if file.suffix == '.html')
    index = [one for page in pages for one in sections(page.as_posix(), (guide / page).read_text(encoding='utf-8'))]
    write_text(guide / 'search_data.js', classic_script('hstlc_guide', index))
    _remove_others(guide, wanted | {Path('search_data.js')})
    log.info('guide of %d pages', len(pages))


def _build(settings: Settings, target: Path) -> None:
    try:
        config = load_config(str(shared('mkdocs.yml')), site_dir=str(target), extra={'title': settings.title, 'policy': POLICY})
        build(config)
    except MkDocsException as error:
        raise InputError(f'mkdocs cannot render the guide: {error}; see mkdocs.yml and content/') from error


def _remove_others(guide: Path, wanted: set[Path]) -> None:
    for file in guide.rglob('*'):
        if file.is_file() and file.relative_to(guide) not in wanted:
            file.unlink()
