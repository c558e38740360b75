"""What the pages that list light curves know: a summary of each target, made with its pages, and all of them together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from hstlc.model import Target
from hstlc.site.archive import Archive

LISTING_VERSION = 3  # of records/listings/<slug>.json
Row = dict[str, Any]


def target_listing(
    archive: Archive,
    target: Target,
    context: Mapping[str, Any],
    about: Mapping[str, Any],
    catalog: Mapping[str, list[Any]],
    ready: Mapping[str, str],
) -> dict[str, Any]:
    """Return what is listed of a target, JSON-safe.

    Parameters
    ----------
    archive : Archive
        With all that belongs to the target.
    target : Target
        The target.
    context : mapping
        From `hstlc.site.targets.target_context`.
    about : mapping
        From `hstlc.site.targets.target_json`.
    catalog : mapping
        The values of each light curve in the catalog for other programs, by stem; addresses relative to the site.
    ready : mapping
        The row of each light curve in the tables that cannot be sorted, as HTML, by stem.
    """
    files = [file for curve in about['lightcurves'] for file in curve['files']]
    return {
        'version': LISTING_VERSION,
        **{name: getattr(target, name) for name in ('name', 'slug', 'ra_deg', 'dec_deg', 'moving')},
        'rejected': [{**one, 'slug': target.slug} for one in about['rejected']],
        'pages': [curve['stem'] for curve in context['curves']],
        'files': [*files, about['archive']] if about['archive'] else files,
        'curves': [
            {**_listed(archive, curve), 'catalog': catalog[curve['stem']], 'ready': ready[curve['stem']]}
            for curve in context['curves']
            if curve['stem'] in catalog
        ],
    }


def _listed(archive: Archive, curve: Mapping[str, Any]) -> dict[str, Any]:
    outcome = archive.outcomes[curve['stem']]
    days = [archive.records[name].ingest_date for name in outcome.rootnames if name in archive.records]
    return {
        'row': curve['row'],
        'alt': curve['alt'],
        'varies': curve['varies'],
        'start_mjd': archive.start(outcome),
        'ingest_date': max(days, default=''),
        'path': outcome.product.path if outcome.product is not None else '',
    }


@dataclass(frozen=True)
class Listing:
    """All targets as the pages that list light curves see them."""

    title: str
    contact: str
    doi: str
    interesting: float  # poisson_factor from which a light curve is listed as interesting
    targets: tuple[Row, ...]  # from `target_listing`, in the order of their names
    strays: tuple[Row, ...] = ()  # rows of rejected exposures that belong to no target

    @cached_property
    def curves(self) -> dict[str, Row]:
        """What is listed of every light curve that exists, by stem, target by target."""
        return {curve['row']['stem']: curve for target in self.targets for curve in target['curves']}

    @cached_property
    def rows(self) -> list[Row]:
        """The row of every light curve, target by target; keys as in `hstlc.site.rows.FIELDS`."""
        return [curve['row'] for curve in self.curves.values()]

    def ready(self, rows: Iterable[Row]) -> Markup:
        """Return rows of a table that cannot be sorted, as HTML."""
        return Markup('\n'.join(self.curves[one['stem']]['ready'] for one in rows))

    @cached_property
    def rejected(self) -> list[Row]:
        """The rows of all rejected exposures, by rootname."""
        found = [*self.strays, *(one for target in self.targets for one in target['rejected'])]
        return sorted(found, key=lambda one: str(one['rootname']))

    def verdict(self, row: Row) -> str:
        """Return the table to which a row belongs: `interesting`, `boring`, or `null` where nothing was detected."""
        if row['poisson_factor'] is None:
            return 'null'
        return 'interesting' if row['poisson_factor'] >= self.interesting else 'boring'
