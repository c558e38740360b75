"""Records of a small archive, made without any FITS file."""

from builders import make_exposure

from hstlc.files import records
from hstlc.model import GroupKey, InputFile, Outcome, Product, Reason, Record, Rejection, Statistics, Status
from hstlc.names import composite_stem, curve_stem
from hstlc.paths import Paths
from hstlc.science.groups import pointings
from hstlc.steps.records import load_records
from hstlc.steps.targets import find_targets

DAY = '2026-01-02'


def exposure(rootname, **changes):
    files = tuple(InputFile(name=f'{rootname}_{kind}.fits', bytes=3, sha256='0' * 64) for kind in ('corrtag_a', 'x1d'))
    values = {
        'files': files, 'header_targname': 'GJ-436', 'fppos': 3, 'expstart_mjd': 55000.25, 'expend_mjd': 55000.5,
        'proposid': 12034, 'ra_targ_deg': 175.5, 'dec_targ_deg': 26.7,
    }  # fmt: skip
    return make_exposure(rootname, **(values | changes))


def accepted(rootname, **changes):
    item = exposure(rootname, **changes)
    return Record(
        rootname=rootname, status=Status.ACCEPTED, ingest_date=DAY, path=f'filesystem/{item.targname}', filename=item.filename,
        exposure=item, warnings=('W_ONE', 'W_TWO'),
    )  # fmt: skip


def rejected(rootname, *reasons):
    findings = tuple(Rejection(reason=reason, detail=f'because of {reason.name}') for reason in reasons or (Reason.NO_EVENTS,))
    return Record(
        rootname=rootname, status=Status.REJECTED, ingest_date=DAY, path='bad_data', filename=f'{rootname}_corrtag_a.fits',
        exposure=exposure(rootname), rejections=findings,
    )  # fmt: skip


def individual(record, *, made=True):
    stem = curve_stem(record.rootname)
    path = f'outputs/{record.exposure.targname}/{stem}.fits'
    return Outcome(
        stem=stem, composite=False, key=GroupKey.of(record.exposure), rootnames=(record.rootname,),
        why_not=None if made else 'no x1d', product=Product(path=path, bytes=3, sha256='0' * 64) if made else None,
    )  # fmt: skip


def composite(*members):
    group = GroupKey.of(members[0].exposure)
    stem = composite_stem(group)
    product = Product(path=f'outputs/composite/{stem}.fits', bytes=3, sha256='0' * 64)
    return Outcome(stem=stem, composite=True, key=group, rootnames=tuple(item.rootname for item in members), product=product)


def statistics(**changes):
    values = {
        'total': 10, 'mean': 1.0, 'mu': 1.0, 'stdev': 0.5, 'poisson_factor': 1.1, 'pearson_r': 0.1, 'pearson_p': 0.9,
        'periodogram': False, 'deliver': True,
    }  # fmt: skip
    return Statistics(**(values | changes))


def furnish(settings, items, outcomes=(), stats=None):
    """Write records into a home, with a three-byte file for every product and input."""
    paths = Paths(settings)
    for item in items:
        records.save(paths.record(item.rootname), item)
        for name in [file.name for file in item.exposure.files]:
            touch(paths.absolute(item.path) / name)
    for outcome in outcomes:
        records.save(paths.outcome(outcome.stem), outcome)
        if outcome.product:
            touch(paths.absolute(outcome.product.path))
    for stem, values in (stats or {}).items():
        records.save(paths.stats(stem), values)
    return paths


def join_targets(settings):
    """Find the targets of the records that a home has."""
    find_targets(settings, pointings(load_records(settings).values()))


def touch(path, content='abc'):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path
