"""The exposures of the imaginary archive: nine targets, and one exposure for each reason of a rejection.

Names begin with SIM-; positions are round numbers, not those of real stars. Dates are those of the instruments' real lives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hstlc.simulate import faults
from hstlc.simulate.source import Constant, Eclipses, Flares, Sinusoid, Source
from hstlc.simulate.spectrum import Spectrum, emission_lines

DAY_S = 86400.0


@dataclass(frozen=True)
class Item:
    """One exposure: how it is written and with which options of `Exposure`."""

    mode: str  # fuv | nuv | first_order | echelle
    rootname: str
    source: Source
    exptime_s: float
    options: Mapping[str, Any] = field(default_factory=dict)
    truncated: bool = False


def _after(start_mjd: float, *seconds: float) -> tuple[float, ...]:
    return tuple(start_mjd + second / DAY_S for second in seconds)


DWARF_1 = Source(
    'SIM-DWARF-1', 171.5002, 12.2500, Spectrum(6e-16, -1.5, emission_lines(3.2e-14)),
    Flares(
        (*_after(58201.40312500, 290.0, 610.0), *_after(58201.46953125, 505.0), *_after(58934.71210938, 180.0),
         *_after(57212.55, 400.0)),
        (6.0, 2.0, 12.0, 4.0, 5.0),
    ), 'STAR;M V-IV;FLARE STAR',
)  # fmt: skip
DWARF_1_LATER = replace(DWARF_1, name='SIM-DWARF1', ra_deg=171.5004)
DWARF_1_COPY = replace(DWARF_1, name='SIM-DWARF-1-COPY', dec_deg=12.2498)
DWARF_2 = Source(
    'SIM-DWARF-2', 321.2500, -18.5000, Spectrum(1e-16, -1, emission_lines(9e-15, 0.25)),
    Flares(_after(58210.44735724, 420.0), (8.0,)), 'STAR;M V-IV',
)  # fmt: skip
WHITE_DWARF = Source(
    'SIM-WHITE-DWARF-1', 231.5000, 64.7500, Spectrum(9e-16, -2.0), Sinusoid(215.2, 0.18, 58000.0), 'STAR;DA;PULSATING WHITE DWARF'
)
BINARY = Source(
    'SIM-BINARY-1', 61.7500, 31.5000, Spectrum(1.6e-15, -1.2, emission_lines(2e-14, 0.6)),
    Eclipses(7260.0, 700.0, 0.85, 60.0, 58444.30 + 900 / DAY_S), 'STAR;ECLIPSING BINARY',
)  # fmt: skip
STANDARD = Source('SIM-STANDARD-1', 33.2500, -52.5000, Spectrum(2.4e-15, -2.3), Constant(), 'STAR;DA;STANDARD')
FIELD = Source('SIM-FIELD-1', 207.0000, 36.0000, Spectrum(), Constant(), 'BLANK SKY')
HOT_STAR = Source('SIM-HOT-STAR-1', 93.5000, -41.2500, Spectrum(5.0e-14, -2.2), Sinusoid(640.0, 0.07, 56000.0), 'STAR;B V-IV')
NOVA_LIKE = Source('SIM-NOVA-LIKE-1', 266.0000, 50.2500, Spectrum(3.5e-14, -1.7), Sinusoid(33.1, 0.22, 57000.0), 'STAR;NOVA-LIKE')
TRANSIT = Source(
    'SIM-PLANET-HOST-1', 289.5000, 8.7500, Spectrum(2e-16, 1.0, emission_lines(3e-14)),
    Eclipses(191700.0, 1500.0, 0.25, 120.0, 59010.612), 'STAR;K V-IV;EXTRA-SOLAR PLANETARY SYSTEM',
)  # fmt: skip
GUIDE_STAR = Source('SIM-STAR-9', 12.0, 41.0, Spectrum(1.5e-15, -1), Constant(), 'STAR')

G160M = {'opt_elem': 'G160M', 'cenwave': 1600}
G140L_LONE = {'opt_elem': 'G140L', 'cenwave': 1105, 'segments': ('FUVA',), 'airglow': 0.6}
G185M = {'opt_elem': 'G185M', 'cenwave': 1921}
G140M = {'opt_elem': 'G140M', 'cenwave': 1222, 'aperture': '52X0.1'}
G230L = {'opt_elem': 'G230L', 'cenwave': 2376}
SEVENTEEN_GAPS = tuple((60.0 * k - 4, 60.0 * k + 4 + k % 5) for k in range(1, 17))  # 17 intervals, as in a bright exposure


def _at(start_mjd: float, **options: Any) -> dict[str, Any]:
    return {'start_mjd': start_mjd, **options}


GOOD: tuple[Item, ...] = (
    Item('fuv', 'lsim01a1q', DWARF_1, 960.0, _at(58201.40312500, fppos=1, proposid=99001)),
    Item('fuv', 'lsim01a2q', DWARF_1, 960.0, _at(58201.46953125, fppos=2, proposid=99001)),
    Item('fuv', 'lsim01a3q', DWARF_1, 900.0, _at(58201.53593750, fppos=3, proposid=99001)),
    Item('fuv', 'lsim01b1q', DWARF_1_LATER, 900.0, _at(58934.71210938, fppos=4, proposid=99002)),
    Item('first_order', 'osim01010', DWARF_1, 900.0, _at(57212.55000000, proposid=99003)),
    Item('first_order', 'osim01020', DWARF_1_COPY, 700.0, _at(57212.61640625, proposid=99003)),
    Item('first_order', 'osim02010', DWARF_2, 1500.0, _at(58210.44735724, proposid=99004, dark_ramp=3.0, **G140M)),
    Item('first_order', 'osim02020', DWARF_2, 1200.0, _at(58210.51376349, proposid=99004, arrange=faults.jitter, **G140M)),
    Item('first_order', 'osim02030', DWARF_2, 1300.0,
         _at(58210.58016974, proposid=99004, x1d=False, empty_gti=True, note='empty GTI table, EXPTIME 0, no x1d', **G140M)),
    Item('fuv', 'lsim03a1q', WHITE_DWARF, 600.0, _at(58377.12031250, proposid=99005, **G140L_LONE)),
    Item('fuv', 'lsim03a2q', WHITE_DWARF, 600.0, _at(58377.18671875, fppos=4, proposid=99005, **G140L_LONE)),
    Item('nuv', 'lsim03b1q', WHITE_DWARF, 220.0, _at(58378.25000000, proposid=99005)),
    Item('nuv', 'lsim03b2q', WHITE_DWARF, 220.0, _at(58378.31640625, fppos=4, proposid=99005)),
    Item('fuv', 'lsim04a1q', BINARY, 700.0, _at(58444.24179688, proposid=99006, **G160M)),
    Item('fuv', 'lsim04a2q', BINARY, 1500.0, _at(58444.30000000, fppos=4, proposid=99006, **G160M)),
    Item('fuv', 'lsim04b1q', BINARY, 700.0, _at(58449.88012500, proposid=99006, **G160M)),
    Item('fuv', 'lsim05a1q', STANDARD, 400.0, _at(57480.22031250, proposid=99007, tds_per_year=0.03)),
    Item('fuv', 'lsim05a2q', STANDARD, 400.0, _at(58211.73406250, fppos=4, proposid=99008, tds_per_year=0.03)),
    Item('fuv', 'lsim05a3q', STANDARD, 400.0, _at(59312.09437500, proposid=99009, tds_per_year=0.03)),
    Item('first_order', 'osim05010', STANDARD, 1020.0,
         _at(57480.40000000, proposid=99007, dark=60.0, gaps_s=SEVENTEEN_GAPS, **G230L)),
    Item('fuv', 'lsim06a1q', FIELD, 1200.0, _at(58800.51406250, proposid=99010, dark_ramp=2.5)),
    Item('first_order', 'osim06010', FIELD, 1400.0, _at(58800.70000000, proposid=99010)),
    Item('echelle', 'osim07010', HOT_STAR, 600.0, _at(56270.11010000, proposid=99011, dark=60.0)),
    Item('echelle', 'osim07020', HOT_STAR, 600.0, _at(56270.17650000, proposid=99011, dark=60.0)),
    Item('echelle', 'osim07030', HOT_STAR, 300.0,
         _at(56270.24290000, proposid=99011, dark=60.0, x1d=False, note='echelle without x1d')),
    Item('nuv', 'lsim08a1q', NOVA_LIKE, 240.0, _at(57301.41093750, proposid=99012, dark=1.2e-4, **G185M)),
    Item('nuv', 'lsim08a2q', NOVA_LIKE, 240.0, _at(57301.47734375, proposid=99012, dark=1.2e-4, **G185M)),
    Item('nuv', 'lsim08b1q', NOVA_LIKE, 120.0, _at(57302.00531250, opt_elem='MIRRORA', cenwave=0, proposid=99012, dark=1.2e-4)),
    Item('fuv', 'lsim09a1q', TRANSIT, 1300.0, _at(59010.60000000, proposid=99013)),
    Item('fuv', 'lsim09a2q', TRANSIT, 500.0,
         _at(59010.66640625, proposid=99013, x1d=False, timeline=False, note='no x1d, no TIMELINE')),
    Item('first_order', 'osim09010', TRANSIT, 400.0,
         _at(59010.90000000, proposid=99013, x1d=False, arrange=faults.subarray, note='subarray',
             primary={'SUBARRAY': True, 'SIZAXIS2': 256, 'CENTERA2': 449})),
)  # fmt: skip


def _rejected(reason: str, start_mjd: float, **options: Any) -> dict[str, Any]:
    return _at(start_mjd, expected=reason, proposid=99090, segments=('FUVA',), **options)


FAULTY: tuple[Item, ...] = (
    Item('fuv', 'lsim90a1q', GUIDE_STAR, 120.0, _rejected('Bad EXPFLAG', 58500.10000000, events={'EXPFLAG': 'INTERRUPT'})),
    Item('fuv', 'lsim90a2q', GUIDE_STAR, 120.0, _rejected('Non-linear time', 58500.16640625, arrange=faults.clock_jump)),
    Item('fuv', 'lsim90a3q', GUIDE_STAR, 120.0, _rejected('No events', 58500.23281250, arrange=faults.no_events)),
    Item('fuv', 'lsim90a4q', GUIDE_STAR, 120.0, _rejected('Singular event', 58500.29921875, arrange=faults.one_instant)),
    Item('fuv', 'lsim90a5q', GUIDE_STAR, 120.0, {**_rejected('Bad Proposal', 57150.10000000), 'proposid': 13635}),
    Item('fuv', 'lsim90a6q', GUIDE_STAR, 0.512, _rejected('Short Exposure', 58500.43203125)),
    Item('fuv', 'lsim90a7q', replace(GUIDE_STAR, name='WAVE'), 60.0, _rejected('Not science: TARGNAME=WAVE', 58500.49843750)),
    Item('fuv', 'lsim90a8q', GUIDE_STAR, 60.0,
         _rejected('Not science: SHUTTER=Closed', 58500.56484375, primary={'SHUTTER': 'Closed'})),
    Item('fuv', 'lsim90a9q', GUIDE_STAR, 60.0, _rejected('Unreadable', 58500.63125000), truncated=True),
    Item('first_order', 'osim90010', GUIDE_STAR, 200.0,
         _at(58500.70000000, expected='Non-linear time', proposid=99090, arrange=faults.clock_jump)),
)  # fmt: skip

FAINT = Spectrum(2e-15, -1, emission_lines(2e-14))
TINY: tuple[Item, ...] = (
    Item('fuv', 'lsim01a1q', replace(DWARF_1, spectrum=FAINT, variation=Constant()), 40.0, _at(58201.40312500)),
    Item('nuv', 'lsim03b1q', replace(WHITE_DWARF, spectrum=Spectrum(8e-15, -2)), 40.0, _at(58378.25000000, dark=5e-5)),
    Item('nuv', 'lsim08b1q', NOVA_LIKE, 20.0, _at(57302.00531250, opt_elem='MIRRORA', cenwave=0, dark=2e-5)),
    Item('first_order', 'osim01010', replace(DWARF_1, spectrum=FAINT, variation=Constant()), 60.0, _at(57212.55000000)),
    Item('echelle', 'osim07010', HOT_STAR, 20.0, _at(56270.11010000, dark=20.0)),
    Item('fuv', 'lsim90a6q', GUIDE_STAR, 0.512, _rejected('Short Exposure', 58500.43203125)),
)
