import math
from urllib.parse import unquote, urlsplit

import astropy.units as u
import pytest
from astropy.coordinates import SkyCoord
from astropy.time import Time
from hypothesis import example, given
from hypothesis import strategies as st

from hstlc.site import text
from hstlc.site.links import local
from hstlc.site.script import classic_script, safe_json
from hstlc.site.sky import HEIGHT, WIDTH, project


@pytest.mark.parametrize(
    ('value', 'shown'),
    [
        (None, '–'),
        (float('nan'), '–'),
        (0.0, '0'),
        (3.14159, '3.14'),
        (-0.012345, '−0.0123'),
        (123456.0, '123\u202f456'),
        (1.8506e-15, '1.85\u202f×\u202f10⁻¹⁵'),
    ],
)
def test_numbers_have_digits_that_mean_something(value, shown):
    assert text.number(value) == shown


def test_a_value_and_its_error_end_at_the_same_digit():
    assert text.with_error(45.9632, 0.0814) == '45.963\u202f±\u202f0.081'
    assert text.with_error(9.1921e-15, 0.0623e-15) == '(9.192\u202f±\u202f0.062)\u202f×\u202f10⁻¹⁵'
    assert text.with_error(5.0, None) == '5.00'


@pytest.mark.parametrize(('ra', 'dec'), [(0.0, 0.0), (359.99999, -0.5), (175.5462, 26.70661), (180.0, -89.999), (10.0, 89.99999)])
def test_sexagesimal_agrees_with_astropy(ra, dec):
    clock = text.right_ascension(ra).replace('ʰ', ' ').replace('ᵐ', ' ').replace('ˢ', '')
    arc = text.declination(dec).replace('°', ' ').replace('′', ' ').replace('″', '').replace('−', '-')
    read = SkyCoord(clock, arc, unit=(u.hourangle, u.deg))
    assert read.separation(SkyCoord(ra * u.deg, dec * u.deg)).arcsec < 0.11


def test_gratings_are_written_with_their_wavelengths_and_mirrors_without():
    assert [text.grating('G130M', 1291), text.grating('MIRRORA', 0)] == ['G130M/1291', 'MIRRORA']


@pytest.mark.parametrize('mjd', [50000.0, 55555.12345, 60310.999])
def test_days_agree_with_astropy(mjd):
    assert text.moment(mjd) == Time(mjd, format='mjd', scale='utc').strftime('%Y-%m-%d %H:%M')


def test_script_text_cannot_end_the_script():
    script = classic_script('name', {'x': '</script><!--\u2028 & "\''})
    assert '<' not in script
    assert '\u2028' not in script
    assert script.startswith('window.name = {')
    with pytest.raises(ValueError, match='JSON'):
        safe_json({'x': math.nan})


def test_the_map_has_its_corners_where_mollweide_has_them():
    for dec, y in ((90.0, 0.0), (-90.0, HEIGHT), (0.0, HEIGHT / 2)):
        assert project(180.0, dec) == pytest.approx((WIDTH / 2, HEIGHT / 2 + (y - HEIGHT / 2) * 0.985), abs=0.01)
    left, right = project(359.9999, 0.0), project(0.0, 0.0)
    assert left[0] == pytest.approx(WIDTH / 2 * (1 - 0.985), abs=0.01)
    assert right[0] == pytest.approx(WIDTH / 2 * (1 + 0.985), abs=0.01)
    # equal areas: the part of the map below declination d grows as (1 + sin d) / 2
    t = math.asin((HEIGHT / 2 - project(180.0, 30.0)[1]) / (HEIGHT / 2 * 0.985))
    assert (2 * t + math.sin(2 * t)) / math.pi == pytest.approx(math.sin(math.radians(30.0)), abs=1e-4)


@example('//a.b/c')
@given(st.text('ab./:#?%-_~ \\é&', max_size=12))
def test_a_reference_is_a_path_and_a_place_or_leads_out_of_the_site(reference):
    parts = urlsplit(reference)
    outside = bool(parts.scheme or parts.netloc)
    assert local(reference) == (None if outside else (unquote(parts.path), unquote(parts.fragment)))
