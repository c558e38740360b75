"""Names of delivered files keep to MAST's rules, whatever the target is called."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hstlc.files.deliverynames import name_findings, version_of
from hstlc.model import GroupKey, Instrument
from hstlc.names import collection_name, composite_stem, delivered_name

NASTY = [
    'GJ 436', 'GJ/436', '../../etc/passwd', '.hidden', '\N{GREEK SMALL LETTER ALPHA} Cen', '\N{GREEK SMALL LETTER BETA} Cen',
    'Cen', '12345', '1', '2', '', ' ', '-', '+', '\N{SNOWMAN}', '\N{COMET}', 'a' * 60, 'a' * 59 + 'b', 'V*-V1_SCO', 'V*_V1-SCO',
    'A_B_C_D_E', 'x\ny', 'x\0y', 'x.fits', 'BD+33-2642', 'BD-33-2642', 'BD+33-2642.', 'HLSP_X', 'con', '%2e%2e', '"quoted"',
    "d'Arrest",
    'a;rm -rf',
    '2MASS J12073346-3932539', '2MASS J12073346-3932540', '\N{LATIN SMALL LETTER E WITH ACUTE}ta Car', 'eta Car',
    'NGC-1399-' + 'x' * 40 + '1', 'NGC-1399-' + 'x' * 40 + '2',
]  # fmt: skip


def key(**changes):
    values = {
        'instrume': Instrument.COS, 'detector': 'FUV', 'targname': 'GJ-436', 'opt_elem': 'G130M', 'cenwave': 1291,
        'aperture': 'PSA',
    }  # fmt: skip
    return GroupKey(**(values | changes))


STIS = {'instrume': Instrument.STIS, 'detector': 'FUV-MAMA', 'opt_elem': 'E140H', 'cenwave': 1271}


def test_the_names_of_the_specification():
    assert delivered_name(key(), 1) == 'hlsp_hstlc_hst_cos-fuv_gj-436_g130m-1291-psa_v1_lc.fits'
    nuv = key(**STIS | {'detector': 'NUV-MAMA', 'opt_elem': 'E230H', 'aperture': '0.2X0.06ND'})
    assert delivered_name(nuv, 12, 'preview', 'png') == 'hlsp_hstlc_hst_stis-nuv_gj-436_e230h-1271-02x006nd_v12_preview.png'
    assert collection_name(1, 'list', 'csv') == 'hlsp_hstlc_hst_cos-stis_all_multi_v1_list.csv'


@pytest.mark.parametrize('targname', NASTY)
@pytest.mark.parametrize('changes', [{}, STIS | {'aperture': '52X0.05F2-R'}, {'opt_elem': 'MIRRORA', 'cenwave': 0}])
def test_nasty_targets_have_names_that_keep_to_the_rules(targname, changes):
    for name in (delivered_name(key(targname=targname, **changes), 1), delivered_name(key(targname=targname, **changes), 99)):
        assert name_findings(name) == []
        assert re.fullmatch(r'[a-z0-9_+.-]+', name)
    assert name_findings(delivered_name(key(targname=targname, **changes), 9, 'preview', 'png')) == []


@given(st.text(max_size=80))
def test_any_target_has_a_name_that_keeps_to_the_rules(targname):
    assert name_findings(delivered_name(key(targname=targname), 1)) == []


def test_different_targets_never_meet():
    for one, other in combinations(NASTY, 2):
        if one.strip().lower() != other.strip().lower():
            assert delivered_name(key(targname=one), 1) != delivered_name(key(targname=other), 1), (one, other)


def test_different_configurations_never_meet():
    changes = [
        {}, {'opt_elem': 'G160M'}, {'cenwave': 1309}, {'aperture': 'BOA'}, {'detector': 'NUV'}, {'cenwave': 0},
        STIS | {'aperture': '6X6'},
        STIS | {'aperture': '52X0.05F2-R'}, STIS | {'aperture': '52X0.05F1-R'}, STIS | {'aperture': '0.2X0.2FPA'},
        STIS | {'aperture': '0.2X0.2FPB'}, STIS | {'aperture': '0.2X0.06'}, STIS | {'aperture': '0.2X0.06ND'},
    ]  # fmt: skip
    names = {delivered_name(key(**change), 1) for change in changes}
    assert len(names) == len(changes)
    assert all(name_findings(name) == [] for name in names)


@pytest.mark.parametrize(
    ('name', 'what'),
    [
        (f'{composite_stem(key())}_extra.fits', 'fields'),  # the original's scheme has too many
        ('hlsp_hstlc_hst_cos-fuv_gj-436_g130m_lc.fits', 'fields'),
        ('HLSP_hstlc_hst_cos-fuv_gj-436_g130m_v1_lc.fits', 'first field'),
        ('hlsp_hstlc_hst_cos-fuv_GJ-436_g130m_v1_lc.fits', 'target'),
        ('hlsp_hstlc_hst_cos-fuv_-436_g130m_v1_lc.fits', 'target'),
        ('hlsp_hstlc_hst_cos-fuv_gj-436._g130m_v1_lc.fits', 'target'),
        (f'hlsp_hstlc_hst_cos-fuv_{"a" * 31}_g130m_v1_lc.fits', '31 characters'),
        ('hlsp_hstlc_hst_cos-fuv_gj-436_g130m-1291-0123456789_v1_lc.fits', '21 characters'),
        ('hlsp_hstlc_hst_cos-fuv_gj-436_g130m_1_lc.fits', 'version'),
        ('hlsp_hstlc_hst_cos-fuv_gj-436_g130m_v1_light_curve.fits', 'version'),
        ('hlsp_hstlc_hst_cos-fuv_gj-436_g130m_v1_abcdefghijklmnopq.fits', '17 characters'),
        ('hlsp_hstlc_hst_cos-fuv_gj-436_g130m_v1_lc.fit', 'ending'),
        ('hlsp_hstlc_hst_cos-fuv_gj 436_g130m_v1_lc.fits', 'target'),
        (f'hlsp_hstlc_hst_{"c" * 20}_{"a" * 30}_{"b" * 20}_v1_preview.png', 'more than 90'),
    ],
)
def test_what_breaks_a_rule_is_said(name, what):
    assert what in ' '.join(finding.text for finding in name_findings(name))


def test_the_version_is_the_field_before_the_type():
    assert version_of('hlsp_hstlc_hst_cos-fuv_x-v1_g130m_v12_lc.fits') == 'v12'
