"""What the page of a target says, and with it the pages of its light curves: one JSON-safe context per target."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hstlc.model import Exposure, GroupKey, Outcome, Record, Target
from hstlc.site import text
from hstlc.site.archive import Archive
from hstlc.site.lightcurves import curve_context
from hstlc.site.words import REASONS

TARGET_VERSION = 1  # of targets/<slug>.json, documented in content/site.md


def target_context(archive: Archive, target: Target) -> dict[str, Any]:
    """Return all that a target's page and its light curves' pages are made from; JSON-safe, so that it can be hashed."""
    outcomes = archive.curves.get(target.slug, ())
    stems = [outcome.stem for outcome in outcomes]
    neighbours = zip([None, *stems], [*stems[1:], None], strict=False)
    curves = [
        {**curve_context(archive, target, outcome), 'previous': before, 'next': after}
        for outcome, (before, after) in zip(outcomes, neighbours, strict=False)
    ]
    return {
        'title': archive.title,
        'contact': archive.contact,
        'doi': archive.doi,
        'name': target.name,
        'slug': target.slug,
        'aliases': [alias for alias in target.aliases if alias != target.name],
        'joins': list(target.joins),
        'position': _position(target),
        'links': links(target),
        'moving': target.moving,
        'configurations': _configurations(outcomes, curves),
        'curves': curves,
        'rejected': [rejected_row(record) for record in archive.rejected_of.get(target.slug, ())],
        'exptime': text.duration(sum(outcome.exptime_s for outcome in outcomes if not outcome.composite)),
    }


def target_json(
    context: Mapping[str, Any], files: Mapping[str, list[dict[str, Any]]], bundle: dict[str, Any] | None
) -> dict[str, Any]:
    """Return targets/<slug>.json, version 1: what the target's page says, for machines; paths are relative to the site.

    Parameters
    ----------
    context : mapping
        From `target_context`.
    files : mapping
        Of each light curve, by stem: its files with `href`, `bytes` and `sha256`.
    bundle : dict or None
        The archive file with all products, in the same form.
    """

    def file(one: dict[str, Any]) -> dict[str, Any]:
        return {'path': one['href'], 'bytes': one['bytes'], 'sha256': one['sha256']}

    return {
        'version': TARGET_VERSION,
        **{name: context[name] for name in ('name', 'slug', 'aliases', 'moving', 'position', 'joins', 'rejected')},
        'lightcurves': [
            {
                **{
                    name: value
                    for name, value in curve['row'].items()
                    if name not in ('target', 'slug', 'aliases', 'product', 'bytes')
                },
                'why_not': curve['why_not'],
                'page': f'lightcurves/{curve["stem"]}.html',
                'files': [file(one) for one in files[curve['stem']]],
            }
            for curve in context['curves']
        ],
        'archive': file(bundle) if bundle else None,
    }


def _position(target: Target) -> dict[str, str] | None:
    if target.ra_deg is None or target.dec_deg is None:
        return None
    return {
        'ra': text.right_ascension(target.ra_deg),
        'dec': text.declination(target.dec_deg),
        'ra_deg': f'{target.ra_deg:.5f}',
        'dec_deg': f'{target.dec_deg:.5f}',
    }


def links(target: Target) -> list[dict[str, str]]:
    """Return where else the target can be looked up; a person may click them, the site itself never asks them."""
    if target.ra_deg is None or target.dec_deg is None or target.moving:
        name = quote(target.name, safe='')
        return [] if target.moving else [{'name': 'SIMBAD', 'href': f'https://simbad.cds.unistra.fr/simbad/sim-id?Ident={name}'}]
    ra, dec = f'{target.ra_deg:.6f}', f'{target.dec_deg:+.6f}'
    plain = quote(f'{ra} {target.dec_deg:.6f}', safe='')
    place = quote(f'{ra} {dec}', safe='')
    return [
        {'name': 'SIMBAD', 'href': f'https://simbad.cds.unistra.fr/simbad/sim-coo?Coord={place}&Radius=10&Radius.unit=arcsec'},
        {'name': 'MAST', 'href': f'https://mast.stsci.edu/portal/Mashup/Clients/Mast/Portal.html?searchQuery={plain}'},
        {'name': 'ESASky', 'href': f'https://sky.esa.int/esasky/?target={plain}&fov=0.05'},
    ]


def _configurations(outcomes: tuple[Outcome, ...], curves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the light curves by configuration, in the order in which they come."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for outcome, curve in zip(outcomes, curves, strict=True):
        group = found.setdefault(_without_target(outcome.key), {'name': curve['configuration'], 'composite': None, 'members': []})
        if outcome.composite:
            group['composite'] = curve['stem']
        else:
            group['members'].append(curve['stem'])
    return list(found.values())


def _without_target(key: GroupKey) -> tuple[Any, ...]:
    return (key.instrume, key.detector, key.opt_elem, key.cenwave, key.aperture)


def _configuration(exposure: Exposure) -> str:
    return f'{exposure.instrume} {text.grating(exposure.opt_elem, exposure.cenwave)}'


def rejected_row(record: Record) -> dict[str, Any]:
    """Return what is said of a rejected exposure."""
    exposure = record.exposure
    return {
        'rootname': record.rootname,
        'filename': record.filename,
        'target': exposure.targname if exposure else text.NOTHING,
        'configuration': _configuration(exposure) if exposure else text.NOTHING,
        'start': text.moment(exposure.expstart_mjd) if exposure else text.NOTHING,
        'exptime': text.duration(exposure.exptime_s) if exposure else text.NOTHING,
        'findings': [
            {'reason': str(finding.reason), 'meaning': REASONS.get(finding.reason, ''), 'detail': finding.detail}
            for finding in record.rejections
        ],
        'message': None if record.message in {finding.detail for finding in record.rejections} else record.message,
    }
