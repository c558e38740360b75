"""Good exposures that are broken by `fuzz`: simulated ones of every kind, small, with reference files that fit them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstlc.simulate import cos, stis
from hstlc.simulate.source import Constant, Source
from hstlc.simulate.spectrum import Spectrum

from .rawfits import join, put, split


@dataclass(frozen=True)
class Seed:
    """The files of an exposure by the ends of their names, and reference files by their names."""

    kind: str
    rootname: str
    files: dict[str, bytes]
    references: dict[str, bytes] = field(default_factory=dict)


def make_seeds(folder: Path) -> tuple[Seed, ...]:
    """Simulate the exposures in `folder`."""
    faint, bright = Spectrum(6e-15, -1.0), Spectrum(5e-14, -1.0)
    return (
        _seed(folder, 'fuv', 'lfz000001', cos.write_fuv, faint, 20.0, segments=('FUVA',)),
        _seed(folder, 'fuv_pair', 'lfz000002', cos.write_fuv, faint, 10.0),
        _seed(folder, 'fuv_uncalibrated', 'lfz000003', cos.write_fuv, faint, 20.0, segments=('FUVA',), x1d=False, tables=_cos),
        _seed(folder, 'nuv', 'lfz000004', cos.write_nuv, faint, 10.0, dark=2e-5),
        _seed(folder, 'image', 'lfz000005', cos.write_nuv, faint, 5.0, opt_elem='MIRRORA', cenwave=0, dark=2e-5),
        _seed(folder, 'first_order', 'ofz000006', stis.write_first_order, faint, 20.0, tables=_stis),
        _without_flux(_seed(folder, 'first_order_uncalibrated', 'ofz000009', stis.write_first_order, faint, 20.0, tables=_stis)),
        _seed(
            folder, 'first_order_nuv', 'ofz000007', stis.write_first_order, faint, 10.0, dark=40.0, opt_elem='G230L', cenwave=2376
        ),
        _seed(folder, 'echelle', 'ofz000008', stis.write_echelle, bright, 10.0, dark=20.0),
    )


def _seed(
    folder: Path,
    kind: str,
    rootname: str,
    write: Callable[..., object],
    spectrum: Spectrum,
    exptime_s: float,
    *,
    tables: Callable[[], dict[str, list[fits.FitsHDU]]] = dict,
    **options: object,
) -> Seed:
    source = Source(f'FUZZ-{kind.upper().replace("_", "-")}', 148.0, 12.5, spectrum, Constant(), 'STAR')
    write(folder / kind, rootname, source, exptime_s=exptime_s, seed=5, start_mjd=57000.25, **options)
    files = {path.name.removeprefix(rootname): path.read_bytes() for path in sorted((folder / kind).iterdir())}
    references = {}
    for name, hdus in tables().items():
        fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(folder / name, overwrite=True)
        references[name] = (folder / name).read_bytes()
    return Seed(kind, rootname, files, references)


def _without_flux(seed: Seed) -> Seed:
    """Return an exposure whose x1d is not calibrated, so that the tables of the sensitivity are read."""
    units = split(seed.files['_x1d.fits'])
    names = [name for name, _, _ in units[1].columns()]
    for name in ('FLUX', 'ERROR'):
        put(units[1], names.index(name), lambda values: values.fill(0))
    return replace(seed, files={**seed.files, '_x1d.fits': join(units)})


def _table(columns: list[tuple[str, str, list[object]]], **header: object) -> list[fits.FitsHDU]:
    hdu = fits.BinTableHDU.from_columns([fits.Column(name=n, format=f, array=np.array(a)) for n, f, a in columns])
    hdu.header.update(header)
    return [hdu]


def _cos() -> dict[str, list[fits.FitsHDU]]:
    key = [('SEGMENT', '4A', ['FUVA', 'FUVB']), ('OPT_ELEM', '5A', ['ANY'] * 2), ('APERTURE', '3A', ['PSA'] * 2),
           ('CENWAVE', 'J', [1291, 1291])]  # fmt: skip
    wavelength = np.linspace(1000.0, 1500.0, 200)
    slopes = [('NWL', 'J', [2, 2]), ('NT', 'J', [2, 2]), ('WAVELENGTH', '3D', [[900.0, 2200.0, 0.0]] * 2),
              ('TIME', '3D', [[50000.0, 56000.0, 0.0]] * 2), ('SLOPE', '9D', np.full((2, 9), -1.0)),
              ('INTERCEPT', '9D', np.ones((2, 9)))]  # fmt: skip
    curve = [('WAVELENGTH', '200D', [wavelength] * 2), ('SENSITIVITY', '200D', np.full((2, 200), 1e12))]
    return {
        '19m15490l_phot.fits': _table([*key, *curve]),
        '0561933ll_tds.fits': _table([*key, *slopes], REF_TIME=52000.0, TDIM9='(3,3)', TDIM10='(3,3)'),
    }  # fmt: skip


def _stis() -> dict[str, list[fits.FitsHDU]]:
    wavelength = np.linspace(1100.0, 1800.0, 50)
    mode = [('OPT_ELEM', '5A', ['G140L']), ('CENWAVE', 'J', [1425])]
    pixels = [('PIX1', [501, 7]), ('PIX2', [405, 7]), ('LENGTH', [1, 3]), ('AXIS', [1, 2]), ('VALUE', [16, 16])]
    curve = [('NELEM', 'J', [50]), ('WAVELENGTH', '50D', [wavelength]), ('THROUGHPUT', '50D', np.full((1, 50), 0.5))]
    return {
        'mbj1658bo_pfl.fits': [fits.ImageHDU(np.ones((1024, 1024), np.uint8), name='SCI')],
        'm1b2139no_lfl.fits': [fits.ImageHDU(np.ones((64, 64), np.float32), name='SCI')],
        'uce15153o_bpx.fits': _table([*((n, 'I', v) for n, v in pixels), ('OPT_ELEM', '6A', ['G140L', 'G140M'])]),
        'j9r16559o_lin.fits': _table([('DETECTOR', '8A', ['FUV-MAMA']), ('GLOBAL_LIMIT', 'D', [2.9e5]), ('TAU', 'D', [3.7e-7])]),
        '26p1601ko_pht.fits': _table([*mode, ('SPORDER', 'J', [1]), *curve]),
        'y2r1559to_apt.fits': _table([('APERTURE', '10A', ['52X0.2']), *curve]),
        'y2r16005o_pct.fits': _table([*mode, ('APERTURE', '10A', ['52X0.2']), ('EXTRHEIGHT', 'J', [600]), *curve], MAXHGHT=600),
        '3ah1528co_tds.fits': _table(
            [('OPT_ELEM', '5A', ['G140L']), ('NWL', 'J', [2]), ('NT', 'J', [2]), ('WAVELENGTH', '2D', [[1100.0, 1800.0]]),
             ('TIME', '2D', [[50000.0, 56000.0]]), ('SLOPE', '4D', np.full((1, 4), -1.0))], TDIM6='(2,2)',
        ),
    }  # fmt: skip
