"""Light curves, outcomes and records with known content, for the tests of figures and site."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from builders import make_provenance

from hstlc.model import (
    Exposure,
    FluxSource,
    GroupKey,
    InputFile,
    Instrument,
    LightCurve,
    Outcome,
    Product,
    Quality,
    Reason,
    Record,
    Rejection,
    Statistics,
    Status,
    Target,
)
from hstlc.names import composite_stem, curve_stem, directory_name, file_form

SHAPES = ('constant', 'sinusoid', 'flare', 'eclipse')


def exposure(rootname, targname='GJ-436', *, instrume=Instrument.COS, start=55555.5, exptime=1800.0, **changes):
    """Return an exposure."""
    cos = instrume is Instrument.COS
    values = {
        'rootname': rootname,
        'filename': f'{rootname}_corrtag_a.fits' if cos else f'{rootname}_corrtag.fits',
        'files': (InputFile(name=f'{rootname}_corrtag.fits', bytes=1_700_000, sha256='ab' * 32),),
        'instrume': instrume,
        'detector': 'FUV' if cos else 'FUV-MAMA',
        'header_targname': targname,
        'targname': targname,
        'opt_elem': 'G130M' if cos else 'E140M',
        'cenwave': 1291 if cos else 1425,
        'aperture': 'PSA' if cos else '0.2X0.06ND',
        'proposid': 13650,
        'pi_name': 'France',
        'ra_targ_deg': 175.546,
        'dec_targ_deg': 26.7066,
        'expstart_mjd': start,
        'expend_mjd': start + exptime / 86400,
        'exptime_s': exptime,
        'cal_ver': '3.4.4',
        'fppos': 3 if cos else 0,
    }
    return Exposure(**{**values, **changes})


def light_curve(exposures, *, shape='constant', rate=40.0, step=2.0, calibrated=True, seed=1):
    """Return a light curve of exposures whose brightness has a known shape; Poisson noise from a fixed seed."""
    rng = np.random.default_rng(seed)
    parts = [_part(one, shape, rate, step, rng) for one in exposures]
    times, gross, background, live = (np.concatenate([part[i] for part in parts]) for i in range(4))
    dataset = np.concatenate([np.full(len(part[0]), k) for k, part in enumerate(parts, 1)])
    starts = np.array([one.expstart_mjd for one in exposures])[dataset - 1]
    mjd = starts + times / 86400
    width = 120.0
    flux = (gross - background) / live * 2e-16 * width if calibrated else np.full(len(mjd), np.nan)
    variance = gross + 0.1 * background
    quality = np.where(live < step, int(Quality.PARTIAL), 0)
    return LightCurve(
        key=GroupKey.of(exposures[0]),
        exposures=tuple(exposures),
        provenance=tuple(provenance(one, k) for k, one in enumerate(exposures, 1)),
        step_s=step,
        mjdref=float(np.floor(mjd[0])),
        times_s=times,
        mjd=mjd,
        bjd_tdb=mjd + 2400000.5,
        bins_s=np.full(len(mjd), step),
        exptime_s=live,
        gross=gross,
        background=background,
        n_src=gross.astype(int),
        n_bkg=background.astype(int),
        variance=variance,
        band_flux=flux,
        band_flux_variance=variance / live**2 * (2e-16 * width) ** 2 if calibrated else np.full(len(mjd), np.nan),
        airglow=np.full(len(mjd), np.nan),
        sun_alt_deg=np.full(len(mjd), np.nan),
        quality=quality,
        dataset=dataset,
        gti_mjd=np.array([[one.expstart_mjd, one.expend_mjd] for one in exposures]),
        wmin_aa=1170.0,
        wmax_aa=1430.0,
        band_width_aa=width if calibrated else 0.0,
        removed_aa=((1214.0, 1217.0), (1301.0, 1307.0)),
        flux_sources=(FluxSource.X1D if calibrated else FluxSource.NONE,),
        hstpos='TIMELINE',
        time_error_s=0.032,
        warnings=('W_DAY',) if calibrated else ('W_NOGTI',),
    )


def _part(one, shape, rate, step, rng):
    n = int(one.exptime_s // step)
    times = (np.arange(n) + 0.5) * step
    live = np.full(n, step)
    live[-1] = 0.6 * step
    expected = rate * live * _profile(shape, times, one.exptime_s)
    background = rng.poisson(1.2 * live).astype(float)
    return times, rng.poisson(expected + 1.2 * live).astype(float), background, live


def _profile(shape, times, length):
    if shape == 'sinusoid':
        return 1 + 0.3 * np.sin(2 * np.pi * times / 333.0)
    if shape == 'flare':
        since = times - 0.4 * length
        return 1 + 3.0 * np.where(since > 0, np.exp(-np.clip(since, 0, None) / 90.0), 0.0)
    if shape == 'eclipse':
        return np.where(np.abs(times - 0.5 * length) < 0.12 * length, 0.35, 1.0)
    return np.ones_like(times)


def provenance(one, dataset):
    """Return the row of an exposure in PROVENANCE."""
    return make_provenance(
        one, dataset, life_adj='1', minwave_aa=1170.0, x1d_file=f'{one.rootname}_x1d.fits', x1d_ratio=1.0, input_bytes=1_700_000,
        input_sha256='ab' * 32, warnings=('W_DAY',),
    )  # fmt: skip


def record(one, *reasons, warnings=()):
    """Return the record of an exposure, rejected when reasons are given."""
    return Record(
        rootname=one.rootname,
        status=Status.REJECTED if reasons else Status.ACCEPTED,
        ingest_date='2026-11-20',
        path=f'filesystem/{directory_name(one.targname)}',
        filename=one.filename,
        exposure=one,
        rejections=tuple(Rejection(reason=Reason(reason), detail=f'{reason}: detail') for reason in reasons),
        warnings=warnings,
    )


def target(name, *exposures, **changes):
    """Return the target of exposures."""
    values = {
        'name': name,
        'slug': file_form(name),
        'aliases': tuple(sorted({one.header_targname for one in exposures} - {name})),
        'rootnames': tuple(one.rootname for one in exposures),
        'ra_deg': exposures[0].ra_targ_deg,
        'dec_deg': exposures[0].dec_targ_deg,
        'moving': False,
    }
    return Target(**{**values, **changes})


@dataclass
class Made:
    """A light curve with what records say of it."""

    lc: LightCurve
    outcome: Outcome
    statistics: Statistics


def made(exposures, *, composite, **options):
    """Return a light curve, its outcome and its statistics, as if the pipeline had made them."""
    lc = light_curve(exposures, **options)
    key = lc.key
    stem = composite_stem(key) if composite else curve_stem(exposures[0].rootname)
    folder = 'outputs/composite' if composite else f'outputs/{directory_name(key.targname)}'
    flux = lc.flux[np.isfinite(lc.flux)]
    outcome = Outcome(
        stem=stem,
        composite=composite,
        key=key,
        rootnames=tuple(one.rootname for one in exposures),
        product=Product(path=f'{folder}/{stem}.fits', bytes=98765, sha256='cd' * 32),
        n_bins=len(lc.mjd),
        step_s=lc.step_s,
        mjd_beg=float(lc.mjd[0]),
        mjd_end=float(lc.mjd[-1]),
        exptime_s=float(lc.exptime_s.sum()),
        wmin_aa=lc.wmin_aa,
        wmax_aa=lc.wmax_aa,
        removed_aa=lc.removed_aa,
        mean_net=float(lc.counts.sum() / lc.exptime_s.sum()),
        mean_net_err=float(np.sqrt(lc.variance.sum()) / lc.exptime_s.sum()),
        mean_flux=float(flux.mean()) if flux.size else None,
        mean_flux_err=float(flux.std() / np.sqrt(flux.size)) if flux.size else None,
        flux_sources=tuple(str(item) for item in lc.flux_sources),
        warnings=lc.warnings,
        provenance=tuple({**dataclasses.asdict(row), 'flux_source': str(row.flux_source)} for row in lc.provenance),
    )
    return Made(lc, outcome, statistics(lc))


def statistics(lc):
    """Return the original's statistics, computed plainly."""
    counts = lc.counts
    mu = float(np.sqrt(counts.mean()))
    r = float(np.corrcoef(lc.mjd, counts)[0, 1])
    return Statistics(
        total=int(counts.sum()),
        mean=float(counts.mean()),
        mu=mu,
        stdev=float(counts.std()),
        poisson_factor=float(counts.std()) / mu,
        pearson_r=r,
        pearson_p=0.04,
        periodogram=False,
        deliver=True,
        best_period_s=333.1,
        best_power=0.21,
    )


HOSTILE = '<script>alert(1)</script>"\'&$x^2$</script>'


def archive():
    """Return exposures' records, targets and light curves of a small archive, one target with a hostile name."""
    gj = [exposure(f'lgj{k}01abq', start=55555.5 + 0.07 * k + (400 if k > 2 else 0)) for k in range(4)]
    dwarf = [
        exposure(
            f'ldw{k}01abq',
            'V*-AM-HER',
            start=57800.25 + 0.066 * k,
            exptime=2400.0,
            ra_targ_deg=274.055,
            dec_targ_deg=49.868,
            opt_elem='G140L',
            cenwave=1105,
        )
        for k in range(2)
    ]
    stis = exposure(
        'osa101abq', 'GJ849', instrume=Instrument.STIS, start=58300.1, exptime=2726.0, ra_targ_deg=332.417, dec_targ_deg=-4.64
    )
    bare = exposure(
        'osb101abq', 'GJ849', instrume=Instrument.STIS, start=58301.1, exptime=900.0, ra_targ_deg=332.417, dec_targ_deg=-4.64
    )
    bad = exposure('lbad01abq', 'GJ-436', exptime=0.2)
    evil = exposure('levil1abq', HOSTILE, start=58000.0, ra_targ_deg=None, dec_targ_deg=None, pi_name=HOSTILE)
    curves = [made([one], composite=False, seed=k, shape='flare' if k == 1 else 'constant') for k, one in enumerate(gj)]
    curves += [made(gj, composite=True, shape='flare'), made(dwarf, composite=True, shape='sinusoid', rate=120.0)]
    curves += [made([one], composite=False, shape='sinusoid', rate=120.0) for one in dwarf]
    curves += [
        made([stis], composite=False, calibrated=False, shape='eclipse', rate=9.0),
        made([stis], composite=True, calibrated=False, shape='eclipse', rate=9.0),
        made([evil], composite=False),
        made([evil], composite=True),
    ]
    missing = Outcome(
        stem='osb101abq_curve',
        composite=False,
        key=GroupKey.of(bare),
        rootnames=('osb101abq',),
        why_not='an echelle exposure without its x1d file: the orders cannot be told apart',
        warnings=('W_NOGTI',),
    )
    records = [record(one) for one in [*gj, *dwarf, evil]]
    records += [
        record(stis, warnings=('W_NOGTI',)),
        record(bare, warnings=('W_NOGTI',)),
        record(bad, 'Short Exposure', 'No events'),
    ]
    targets = (
        target('GJ-436', *gj, bad, aliases=('GJ436',), joins=('GJ-436 = GJ436: same name by rule',)),
        target('V*-AM-HER', *dwarf),
        target('GJ849', stis, bare),
        target(HOSTILE, evil),
    )
    return records, targets, curves, missing
