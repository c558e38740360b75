"""Names by rule and table, joins by position, groups of composites."""

import csv
import dataclasses
import math
from pathlib import Path

import pytest
from builders import make_exposure, make_record
from hypothesis import given, settings
from hypothesis import strategies as st

from hstlc.files.aliases import load_aliases
from hstlc.model import Status
from hstlc.names import file_form
from hstlc.paths import Paths
from hstlc.science import targets as science
from hstlc.science.groups import composite_groups, pointings
from hstlc.science.targetnames import canonical_name
from hstlc.settings import Settings

ALIASES = load_aliases(Paths(Settings(home=Path('/nowhere'))))
ARCSEC = 1 / 3600


def find_targets(records, aliases):
    return science.find_targets(pointings(records), aliases)


def named(*names, **changes):
    """Return a record for each name, at one position."""
    return [make_record(make_exposure(f'root{k}', name, start=58000.0 + k, **changes)) for k, name in enumerate(names)]


@pytest.mark.parametrize(
    ('header', 'expected'),
    [
        ('  gj  436 ', 'GJ436'),
        ('GD-71', 'GD71'),
        ('1RXS-J105010.3-140431', '1RXSJ105010.3-140431'),
        ('VV2006-J080838.8+051440', 'VV2006J080838.8+051440'),
        ('QSO-B0007+107', 'QSOB0007+107'),
        ('LHS2065-UPDATE', 'LHS2065'),
        ('UPWIND-COPY12', 'UPWIND'),
        ('SKY-NEAR-MARS-VISIT-02', 'SKY-NEAR-MARS'),
        ('SATURN-VISIT11-SLEW-ORBIT2', 'SATURN-SLEW-ORBIT2'),
        ('NAME-RW-AUR-A', 'RW-AUR-A'),
        ('V471-TAU', 'V471TAU'),
        ('SK-65-22', 'SK6522'),
        ('GD-71-COPY', 'GD71'),
        ('4C-06.41', '4C-06.41'),
        ('BD-13-3834', 'BD-13-3834'),
        ('MCG-02-16-004', 'MCG-02-16-004'),
        ('IO-210W', 'IO-210W'),
        ('0255035-470050', '0255035-470050'),
        ('RW-AUR', 'RW-AUR'),
        ('-COPY', '-COPY'),
    ],
)
def test_rules(header, expected):
    assert canonical_name(header, {}) == expected


def test_table_comes_first_and_again_after_each_rule():
    aliases = {'GD-71': 'LAWD23', 'GD71': 'NEVER'}
    assert canonical_name('GD-71', aliases) == 'LAWD23'
    assert canonical_name('GD-71-COPY', aliases) == 'LAWD23'
    assert canonical_name('GW-LIB-COPY2', ALIASES) == 'GWLIB'


def test_name_that_the_table_gives_is_final():
    assert canonical_name('GD71', {'GD71': 'GD-71'}) == 'GD-71'
    assert canonical_name('GD-71', {'GD71': 'GD-71'}) == 'GD-71'
    assert canonical_name('GD-71', {'GD-71': 'GD-71'}) == 'GD-71'


def test_names_of_the_original(shared_data):
    with (shared_data / 'target_names.csv').open(newline='') as file:
        names = [(row['header_name'], row['common_name']) for row in csv.DictReader(file)]
    changed = [(header, common) for header, common in names if header != common]
    kept = [header for header, common in names if header == common]
    assert len(changed) > 100
    assert len(kept) > 500
    by_rule = sum(canonical_name(header, {}) == common for header, common in changed)
    reproduced = sum(canonical_name(header, ALIASES) == common for header, common in changed)
    altered = [header for header in kept if canonical_name(header, ALIASES) != header]
    assert by_rule >= 0.88 * len(changed)
    assert reproduced >= 0.95 * len(changed)
    assert len(altered) < 0.05 * len(kept)
    for header, _ in names:
        final = canonical_name(header, ALIASES)
        assert canonical_name(final, ALIASES) == final


PIECES = st.sampled_from(
    [
        'GD',
        'SK',
        '4C',
        'V471',
        'TAU',
        'J1234+56',
        'B',
        '-',
        '-',
        '71',
        '65',
        'COPY2',
        'VISIT-3',
        'EPOCH1',
        'NAME',
        'UPDATE',
        '.',
        'A',
        ' ',
    ]
)


@given(st.lists(PIECES, max_size=9).map(''.join) | st.text(max_size=15))
def test_canonical_name_is_idempotent(header):
    name = canonical_name(header, ALIASES)
    assert canonical_name(name, ALIASES) == name


def test_same_name_by_rule_and_by_table():
    (rule,) = find_targets(named('GJ-436', 'GJ436', 'GJ 436'), {})
    assert (rule.name, rule.slug, rule.aliases) == ('GJ436', file_form('GJ436'), ('GJ 436', 'GJ-436', 'GJ436'))
    assert rule.rootnames == ('root0', 'root1', 'root2')
    assert rule.joins == ('GJ 436 = GJ436: same name by rule', 'GJ-436 = GJ436: same name by rule')
    (table,) = find_targets(named('EUROPA2', 'EUROPA', moving_target=True), ALIASES)
    assert table.joins == ('EUROPA2 = EUROPA: same name by the table of names',)


@pytest.mark.parametrize(('arcsec', 'targets'), [(0.0, 1), (0.67, 1), (1.99, 1), (2.01, 2), (17, 2)])
@pytest.mark.parametrize(('ra', 'dec'), [(138.0, 45.15), (0.0001, -89.5), (359.9999, 89.0)])
def test_join_by_position(arcsec, targets, ra, dec):
    other = (ra + arcsec * ARCSEC / math.cos(math.radians(dec))) % 360
    records = [
        make_record(make_exposure('root0', '2MASSJ09215939+4509126', ra=ra, dec=dec)),
        make_record(make_exposure('root1', 'SDSSJ092159.38+450912.3', ra=other, dec=dec)),
    ]
    found = find_targets(records, {})
    assert len(found) == targets
    if targets == 1:
        assert found[0].name == '2MASSJ09215939+4509126'
        assert found[0].joins == (f'2MASSJ09215939+4509126 = SDSSJ092159.38+450912.3: {arcsec:.2f} arcsec apart',)


@pytest.mark.parametrize(
    ('one', 'other'),
    [
        ('TWA3A', 'TWA3B'),
        ('RW-AUR-A', 'RWAUR-B'),
        ('M87-NUCLEUS', 'M87'),
        ('NGC6681-OFF2', 'NGC6681'),
        ('A2597-KNOT', 'ABELL2597'),
        ('IRAS09583+4714-POSB', 'IRAS09583+4714'),
        ('M83-OBJECT-2', 'M83'),
    ],
)
def test_names_that_position_does_not_join(one, other):
    assert len(find_targets(named(one, other), {})) == 2


def test_components_stay_apart_even_where_a_third_name_is_near_both():
    records = named('TWA3A', 'TWA3', 'TWA3B')
    joined = {target.name: set(target.rootnames) for target in find_targets(records, {})}
    assert len(joined) == 2
    assert not any({'root0', 'root2'} <= rootnames for rootnames in joined.values())


@pytest.mark.parametrize(('years', 'targets'), [(0.5, 1), (1.0, 2), (15.0, 2)])
def test_a_fast_star_joins_by_position_only_while_its_epochs_are_near(years, targets):
    shift = 3.86 * years * ARCSEC  # Proxima, 3.86 arcsec a year; proposers give positions of different epochs
    records = [
        make_record(make_exposure('early', 'PROXIMA-CEN', ra=217.43, dec=-62.68, start=53000.0)),
        make_record(make_exposure('late', 'GJ551', ra=217.43, dec=-62.68 + shift, start=53000.0 + 365.25 * years)),
    ]
    assert len(find_targets(records, {})) == targets  # two light curves rather than a wrong one
    (one,) = find_targets(records, {'GJ551': 'PROXIMA-CEN'})
    assert one.name == 'PROXIMA-CEN'
    assert one.dec_deg == pytest.approx(-62.68 + shift, abs=1e-9)
    assert not any('kept together' in sentence for sentence in one.joins)


def test_moving_targets_join_by_name_alone():
    assert len(find_targets(named('MARS-NORTHPOLE', 'DEIMOS', moving_target=True), {})) == 2
    (target,) = find_targets(named('DEIMOS', 'DEIMOS-COPY', moving_target=True), {})
    assert target.moving
    assert target.ra_deg is None


def test_same_name_far_apart_is_kept_and_flagged_and_joins_nothing():
    far = make_record(make_exposure('far', 'UPWIND', dec=27.7066))
    near = make_record(make_exposure('near', 'UPWIND'))
    star = make_record(make_exposure('star', 'GJ436'))
    found = {target.name: target for target in find_targets([far, near, star], {})}
    assert set(found) == {'UPWIND', 'GJ436'}
    assert found['UPWIND'].joins == ('UPWIND: positions up to 3600 arcsec apart under one name, kept together',)


def test_exposures_without_position_are_targets_too():
    (target,) = find_targets(named('GD71', 'GD-71', ra=None, dec=None), {})
    assert (target.ra_deg, target.dec_deg) == (None, None)


def test_shown_name_is_the_tables_else_the_shortest():
    records = named('HZ43', 'WD1314+293', 'FEIGE-HZ')
    assert find_targets(records, {})[0].name == 'HZ43'
    assert find_targets(records, {'HZ-43': 'WD1314+293'})[0].name == 'WD1314+293'
    assert find_targets(named('HZ43', 'AB43'), {})[0].name == 'AB43'


def test_rejected_exposures_are_no_part_of_a_target():
    rejected = make_record(make_exposure('bad', 'GJ436'), status=Status.REJECTED)
    unreadable = dataclasses.replace(rejected, rootname='worse', exposure=None)
    assert find_targets([rejected, unreadable], {}) == ()
    assert composite_groups([rejected, unreadable], []) == {}


SKIES = st.lists(
    st.tuples(
        st.sampled_from(['TWA3A', 'TWA3B', 'TWA3', 'HD1', 'HD-1', 'GD-71', 'WD0549+158', 'UPWIND', 'M87-KNOT', 'M87']),
        st.sampled_from([0.0, 0.5, 1.5, 3.0, 3.5, 100.0]),
        st.booleans(),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=60, deadline=None)
@given(SKIES, st.randoms(use_true_random=False))
def test_order_of_records_is_irrelevant(sky, random):
    records = [
        make_record(make_exposure(f'root{k}', name, ra=10 + arcsec * ARCSEC, dec=0.0, moving_target=moving, start=58000.0 + k % 3))
        for k, (name, arcsec, moving) in enumerate(sky)
    ]
    shuffled = random.sample(records, len(records))
    targets = find_targets(records, ALIASES)
    assert find_targets(shuffled, ALIASES) == targets
    assert list(composite_groups(shuffled, targets).items()) == list(composite_groups(records, targets).items())
    assert sorted(name for target in targets for name in target.rootnames) == sorted(record.rootname for record in records)
    assert len({target.slug for target in targets}) == len(targets)


def test_composite_groups():
    records = [
        make_record(make_exposure('late', 'GJ436', start=58002.0)),
        make_record(make_exposure('early', 'GJ-436', start=58001.0, aperture=' psa')),
        make_record(make_exposure('also', 'GJ-436', start=58001.0)),
        make_record(make_exposure('other', 'GJ436', cenwave=1222)),
        make_record(make_exposure('stranger', 'NGC1', ra=3.0)),
    ]
    targets = [target for target in find_targets(records, {}) if target.name == 'GJ436']
    groups = composite_groups(records, targets)
    assert [(key.targname, key.aperture, key.cenwave, rootnames) for key, rootnames in groups.items()] == [
        ('GJ436', 'PSA', 1222, ('other',)),
        ('GJ436', 'PSA', 1291, ('also', 'early', 'late')),
    ]
