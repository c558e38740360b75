"""What the page of one light curve says."""

from typing import Any

from hstlc.model import Exposure, Outcome, Record, Statistics, Target
from hstlc.site import text, words
from hstlc.site.archive import Archive
from hstlc.site.rows import row
from hstlc.site.variability import variability

STIS_DETECTORS = {'FUV-MAMA': 'far-ultraviolet MAMA detector', 'NUV-MAMA': 'near-ultraviolet MAMA detector'}
COS_DETECTORS = {'FUV': 'far-ultraviolet detector', 'NUV': 'near-ultraviolet detector'}


def curve_context(archive: Archive, target: Target, outcome: Outcome) -> dict[str, Any]:
    """Return all that the page of a light curve is made from; JSON-safe."""
    stats = archive.stats.get(outcome.stem)
    records = [archive.records[name] for name in outcome.rootnames if name in archive.records]
    exposures = [(record.exposure, record.ingest_date) for record in records if record.exposure is not None]
    return {
        'stem': outcome.stem,
        'composite': outcome.composite,
        'heading': target.name,
        'configuration': configuration(outcome),
        'kind': f'composite of {text.exposures(len(outcome.rootnames))}' if outcome.composite else f'exposure {_first(outcome)}',
        'sentence': sentence(outcome),
        'why_not': outcome.why_not,
        'product': _product(outcome),
        'start': text.moment(archive.start(outcome)),
        'day': _days(outcome),
        'exptime': text.duration(outcome.exptime_s if outcome.product else sum(one.exptime_s for one, _ in exposures)),
        'facts': facts(outcome),
        'statistics': words.statistics_rows(outcome, stats, archive.interesting) if stats is not None else [],
        'note': stats.note if stats is not None else None,
        'poisson_factor': text.number(stats.poisson_factor) if stats is not None else text.NOTHING,
        'scatter_ratio': text.number(words.scatter_ratio(outcome, stats)),
        'varies': words.varies(outcome, stats),
        'periodic': bool(stats and stats.periodogram),
        'period_s': period(stats),
        'variability': variability(stats),
        'alt': words.description(target.name, outcome, stats),
        'warnings': [{'code': words.bare(code), 'meaning': words.warning(code)} for code in _warnings(outcome, records)],
        'left_out': list(outcome.left_out),
        'provenance': [_provenance(item) for item in outcome.provenance],
        'exposures': [_exposure(one, ingest_date) for one, ingest_date in exposures],
        'row': row(archive, target, outcome),
    }


def period(stats: Statistics | None) -> str:
    """Return the period, in s, on which a reader may want to fold first; empty where none was found."""
    found = (stats.x_period_s or stats.best_period_s) if stats is not None else None
    return f'{found:.8g}' if found else ''


def _days(outcome: Outcome) -> str:
    first, last = text.day(outcome.mjd_beg), text.day(outcome.mjd_end)
    return first if first == last else f'{first} to {last}'


def _first(outcome: Outcome) -> str:
    return outcome.rootnames[0] if outcome.rootnames else ''


def configuration(outcome: Outcome) -> str:
    """Return instrument, detector, grating or filter, wavelength and aperture as astronomers write them."""
    key = outcome.key
    return f'{key.instrume} {key.detector} {text.grating(key.opt_elem, key.cenwave)} {key.aperture}'.strip()


def sentence(outcome: Outcome) -> str:
    """Return in one sentence what was observed."""
    key = outcome.key
    detector = (STIS_DETECTORS if key.instrume == 'STIS' else COS_DETECTORS).get(key.detector, f'{key.detector} detector')
    how = f'{key.opt_elem} at {key.cenwave} Å' if key.cenwave else f'{key.opt_elem} (imaging)'
    what = f'{len(outcome.rootnames)} exposures' if outcome.composite and len(outcome.rootnames) != 1 else 'One exposure'
    return f"{what} of Hubble's {key.instrume} {detector} with {how} through the aperture {key.aperture}."


def _product(outcome: Outcome) -> dict[str, Any] | None:
    product = outcome.product
    if product is None:
        return None
    return {'bytes': product.bytes, 'size': text.size(product.bytes), 'sha256': product.sha256}


def facts(outcome: Outcome) -> list[dict[str, str]]:
    """Return name and value of what was measured and how."""
    if outcome.product is None:
        return []
    removed = ', '.join(f'{low:g}–{high:g}' for low, high in outcome.removed_aa)
    rows = [
        ('Time', f'{text.moment(outcome.mjd_beg)} to {text.moment(outcome.mjd_end)} UTC'),
        ('Exposure time', text.duration(outcome.exptime_s)),
        ('Bins', f'{text.count(outcome.n_bins)} of {text.number(outcome.step_s)} s'),
        ('Wavelengths', text.wavelengths(outcome.wmin_aa, outcome.wmax_aa)),
        ('Left out', f'{removed} Å (geocoronal airglow)' if removed else ''),
        ('Mean net rate', f'{text.with_error(outcome.mean_net, outcome.mean_net_err)} counts s⁻¹'),
        ('Mean flux', f'{text.with_error(outcome.mean_flux, outcome.mean_flux_err)} erg s⁻¹ cm⁻² Å⁻¹' if outcome.mean_flux else ''),
        ('Flux calibration', '; '.join(words.FLUX_SOURCES.get(source, source) for source in outcome.flux_sources)),
    ]
    return [{'name': name, 'value': value} for name, value in rows if value and value != text.NOTHING]


def _warnings(outcome: Outcome, records: list[Record]) -> list[str]:
    """Return the codes of the light curve, and of the exposures where it has none of its own."""
    codes = [*outcome.warnings, *(code for record in records for code in record.warnings)]
    return list(dict.fromkeys(codes))


def _provenance(item: dict[str, Any]) -> dict[str, Any]:
    return {
        'rootname': item.get('rootname') or '',
        'proposid': item.get('proposid'),
        'start': text.moment(item.get('mjd_beg')),
        'exptime': text.duration(item.get('xposure_s')),
        'fppos': item.get('fppos') or text.NOTHING,
        'cal_ver': item.get('cal_ver') or text.NOTHING,
        'x1d': item.get('x1d_file') or text.NOTHING,
        'flux_source': item.get('flux_source') or text.NOTHING,
        'warnings': ' '.join(words.bare(code) for code in item.get('warnings') or ()),
    }


def _exposure(exposure: Exposure, ingest_date: str) -> dict[str, Any]:
    return {
        'rootname': exposure.rootname,
        'header_targname': exposure.header_targname,
        'proposid': exposure.proposid,
        'pi_name': exposure.pi_name,
        'start': text.moment(exposure.expstart_mjd),
        'exptime': text.duration(exposure.exptime_s),
        'obsmode': exposure.obsmode,
        'obstype': exposure.obstype,
        'files': [{'name': file.name, 'size': text.size(file.bytes), 'sha256': file.sha256} for file in exposure.files],
        'ingest_date': ingest_date,
    }
