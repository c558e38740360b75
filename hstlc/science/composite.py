"""Composites: the light curves of one configuration over the wavelengths that its exposures share."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hstlc.model import AsymmetricErrors, DynamicSpectrum, Floats, FluxSource, GroupKey, LightCurve
from hstlc.science.band import Band, choose_band
from hstlc.science.lightcurve import light_curve, renumber, with_warning

KEEP_CELLS = 0.8  # of the median width: below it moving bad columns are tolerated and only the limits are shared
KEEP_RANGE = 0.5  # below it the exposure that narrows the range most is left out
VOLTAGE_LEVELS = 2  # of the commanded high voltage: gain, and with it what the limits of pulse height keep, is another
OVERLAP = 0.5  # of the shorter exposure's good time: the same photons under two names


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What must be known of a member before any of its photons are summed."""

    rootname: str
    expstart_mjd: float
    gti_mjd: tuple[tuple[float, float], ...]
    n_events: int
    wave0_aa: float
    wave_step_aa: float
    good: tuple[bool, ...]  # cells with good columns
    has_flux: bool
    high_voltage: tuple[int | None, int | None] = (None, None)  # of COS FUV segments A and B
    timed: bool = True  # its calibration knows how the sensitivity changes with time


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which members are combined over which wavelengths."""

    rootnames: tuple[str, ...]
    wmin_aa: float | None
    wmax_aa: float | None
    removed_aa: tuple[tuple[float, float], ...]  # cells that not all members have, and geocoronal windows
    left_out: tuple[str, ...]  # 'rootname: reason'
    other_voltage: tuple[str, ...] = ()  # members whose high voltage is not that of the others


def coverage(spectrum: DynamicSpectrum) -> Coverage:
    """Return what a dynamic spectrum covers."""
    gti = spectrum.t0_mjd + spectrum.gti_s / 86400.0
    return Coverage(
        rootname=spectrum.exposure.rootname,
        expstart_mjd=spectrum.exposure.expstart_mjd,
        gti_mjd=tuple((float(a), float(b)) for a, b in gti),
        n_events=int(spectrum.source.n.sum()) + int(spectrum.background.n.sum()),
        wave0_aa=spectrum.wave0_aa,
        wave_step_aa=spectrum.wave_step_aa,
        good=tuple(bool(width > 0) for width in spectrum.good_width_aa),
        has_flux=spectrum.flux_source is not FluxSource.NONE,
        high_voltage=spectrum.high_voltage,
        timed='W_NOTDS' not in spectrum.warnings,
    )


def plan(members: tuple[Coverage, ...], windows: tuple[tuple[float, float], ...]) -> Plan:
    """Decide which members are combined over which wavelengths; independent of the order in which they are given."""
    chosen = _choose(members, windows)
    by_name = {item.rootname: item for item in members}
    return replace(chosen, other_voltage=_other_voltage([by_name[name] for name in chosen.rootnames]))


def _other_voltage(members: list[Coverage]) -> tuple[str, ...]:
    """Return the members with a segment whose high voltage is 2 levels or more from the commonest, which is the earlier of two."""
    found = set()
    for segment in (0, 1):
        levels = {item.rootname: level for item in members if (level := item.high_voltage[segment]) is not None}
        usual = Counter(levels.values()).most_common(1)
        found |= {name for name, level in levels.items() if abs(level - usual[0][0]) >= VOLTAGE_LEVELS}
    return tuple(item.rootname for item in members if item.rootname in found)


def _choose(members: tuple[Coverage, ...], windows: tuple[tuple[float, float], ...]) -> Plan:
    ordered = sorted(members, key=lambda item: (item.expstart_mjd, item.rootname))
    kept, left_out = _without_copies(ordered)
    if any(item.has_flux for item in kept):
        left_out += [f'{item.rootname}: no flux calibration, unlike the others' for item in kept if not item.has_flux]
        kept = [item for item in kept if item.has_flux]
    if any(item.timed for item in kept):
        why = 'its flux does not know how the sensitivity changes with time, unlike the others'
        left_out += [f'{item.rootname}: {why}' for item in kept if not item.timed]
        kept = [item for item in kept if item.timed]
    if not kept or kept[0].wave0_aa == 0:
        return Plan(rootnames=_names(kept), wmin_aa=None, wmax_aa=None, removed_aa=(), left_out=tuple(left_out))
    left_out += [f'{item.rootname}: no good wavelength' for item in kept if not any(item.good)]
    kept, narrowing = _without_narrowing([item for item in kept if any(item.good)])
    left_out += narrowing
    if not kept:
        return Plan(rootnames=(), wmin_aa=None, wmax_aa=None, removed_aa=(), left_out=tuple(left_out))
    sets = [_cells(item) for item in kept]
    common = set.intersection(*sets)
    lower, upper = max(min(item) for item in sets), min(max(item) for item in sets)
    removed = list(windows)
    if len(common) >= KEEP_CELLS * float(np.median([len(item) for item in sets])):
        lower, upper = min(common), max(common)
        step = kept[0].wave_step_aa
        missing = [cell for cell in range(lower, upper + 1) if cell not in common]
        removed += [(cell * step, (cell + 1) * step) for cell in missing]
    step = kept[0].wave_step_aa
    return Plan(
        rootnames=_names(kept),
        wmin_aa=lower * step,
        wmax_aa=(upper + 1) * step,
        removed_aa=_joined(removed),
        left_out=tuple(left_out),
    )


def _names(members: list[Coverage]) -> tuple[str, ...]:
    return tuple(item.rootname for item in members)


def _cells(member: Coverage) -> set[int]:
    first = round(member.wave0_aa / member.wave_step_aa)
    return {first + k for k, good in enumerate(member.good) if good}


def _without_copies(members: list[Coverage]) -> tuple[list[Coverage], list[str]]:
    kept: list[Coverage] = []
    left_out = []
    for member in members:
        twin = next((item for item in kept if _overlap(item, member) > OVERLAP), None)
        if twin is None:
            kept.append(member)
            continue
        fewer, more = sorted((twin, member), key=lambda item: (item.n_events, item.rootname))
        left_out.append(f'{fewer.rootname}: the same time as {more.rootname}, with fewer events')
        kept[kept.index(twin)] = more
    return kept, left_out


def _overlap(one: Coverage, other: Coverage) -> float:
    common = sum(max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in one.gti_mjd for b in other.gti_mjd)
    shorter = min(sum(stop - start for start, stop in item.gti_mjd) for item in (one, other))
    return common / shorter if shorter > 0 else 0.0


def _without_narrowing(members: list[Coverage]) -> tuple[list[Coverage], list[str]]:
    """Leave out single exposures that would halve the common range, the worst first."""
    kept, left_out = list(members), []
    while len(kept) > 1:
        widths = [len(_cells(item)) for item in kept]
        if _range_cells(kept) >= KEEP_RANGE * float(np.median(widths)):
            break
        rest = [_range_cells(kept[:k] + kept[k + 1 :]) for k in range(len(kept))]
        worst = int(np.argmax(rest))
        left_out.append(f'{kept[worst].rootname}: its wavelengths would narrow the common range by more than half')
        del kept[worst]
    return kept, left_out


def _range_cells(members: list[Coverage]) -> int:
    sets = [_cells(item) for item in members]
    lower, upper = max(min(item, default=0) for item in sets), min(max(item, default=-1) for item in sets)
    return min(sum(lower <= cell <= upper for cell in item) for item in sets)


def _joined(windows: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    joined: list[list[float]] = []
    for start, stop in sorted(windows):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], stop)
        else:
            joined.append([start, stop])
    return tuple((start, stop) for start, stop in joined)


def member_curve(
    spectrum: DynamicSpectrum, chosen: Plan, key: GroupKey, *, step_s: float, min_fracexp: float
) -> tuple[LightCurve, Band]:
    """Return one member's light curve over the shared wavelengths."""
    band = choose_band(spectrum, chosen.removed_aa, chosen.wmin_aa, chosen.wmax_aa)
    curve = light_curve(spectrum, band, key, step_s=step_s, min_fracexp=min_fracexp)
    return with_warning(curve, 'W_HV') if spectrum.exposure.rootname in chosen.other_voltage else curve, band


def combine(curves: list[LightCurve]) -> LightCurve:
    """Return the light curves of the members as one, in the order given (their start times)."""
    numbered = [renumber(curve, k) for k, curve in enumerate(curves, start=1)]
    first = numbered[0]
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(curve, name) for curve in numbered])
        for name in (
            'times_s', 'mjd', 'bjd_tdb', 'bins_s', 'exptime_s', 'gross', 'background', 'n_src', 'n_bkg', 'variance',
            'airglow', 'sun_alt_deg', 'quality', 'dataset', 'gti_mjd',
        )
    }  # fmt: skip
    return replace(
        first,
        **joined,
        exposures=tuple(curve.exposures[0] for curve in numbered),
        provenance=tuple(curve.provenance[0] for curve in numbered),
        errors=_errors(numbered),
        band_flux=_density(numbered, 'band_flux', 1) * _mean_width(numbered),
        band_flux_variance=_density(numbered, 'band_flux_variance', 2) * _mean_width(numbered) ** 2,
        band_width_aa=_mean_width(numbered),
        wmin_aa=min((c.wmin_aa for c in numbered if c.wmin_aa is not None), default=None),
        wmax_aa=max((c.wmax_aa for c in numbered if c.wmax_aa is not None), default=None),
        removed_aa=tuple(sorted({window for curve in numbered for window in curve.removed_aa})),
        flux_sources=tuple(dict.fromkeys(curve.flux_sources[0] for curve in numbered)),
        hstpos=','.join(dict.fromkeys(curve.hstpos for curve in numbered)),
        time_error_s=max(curve.time_error_s for curve in numbered),
        warnings=tuple(sorted({code for curve in numbered for code in curve.warnings})),
    )


def _errors(curves: list[LightCurve]) -> AsymmetricErrors:
    width = _mean_width(curves)
    each = [replace(curve.both_errors, **_scaled(curve, width)) for curve in curves]
    names = ('counts_low', 'counts_high', 'band_flux_low', 'band_flux_high')
    return AsymmetricErrors(**{name: np.concatenate([getattr(item, name) for item in each]) for name in names})


def _scaled(curve: LightCurve, width_aa: float) -> dict[str, Floats]:
    """Return the errors of band fluxes as if the band were of another width, as `_density` does."""
    factor = width_aa / curve.band_width_aa if curve.band_width_aa > 0 else float('nan')
    return {name: getattr(curve.both_errors, name) * factor for name in ('band_flux_low', 'band_flux_high')}


def _mean_width(curves: list[LightCurve]) -> float:
    return float(np.mean([curve.band_width_aa for curve in curves]))


def _density(curves: list[LightCurve], name: str, power: int) -> Floats:
    """Return band values divided by each member's own width: widths differ where bad columns move."""
    parts = []
    for curve in curves:
        width = curve.band_width_aa
        parts.append(getattr(curve, name) / width**power if width > 0 else np.full(len(curve.mjd), np.nan))
    return np.asarray(np.concatenate(parts), np.float64)
