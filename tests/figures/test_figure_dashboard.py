import json
import math

import pytest

from hstlc.figures import charts, dashboard, summaries
from hstlc.figures.style import EXPOSURE_COLOURS


def test_the_figure_does_not_depend_on_what_was_built_before():
    one = json.dumps(dashboard.dashboard())
    dashboard.dashboard()
    assert json.dumps(dashboard.dashboard()) == one
    assert len(one) < 60_000


def test_the_figure_needs_neither_widgets_nor_custom_script():
    text = json.dumps(dashboard.dashboard())
    assert 'CustomJS' not in text
    assert 'Button' not in text
    assert dashboard.bokeh_script().is_file()


def test_exposure_times_show_the_longest_first():
    found = summaries.exposure_times({f't{k:02}': float(k) for k in range(40)})
    assert found['factors'] == found['columns']['name']
    assert found['columns']['name'][-1] == 't39'  # at the top
    assert found['columns']['hours'][-2:] == [38.0, 39.0]
    assert 't09' not in found['factors']


def test_names_that_are_shortened_stay_different():
    found = summaries.exposure_times({f'{"x" * 30}{k}': 1.0 for k in range(5)})
    assert len(set(found['factors'])) == 5


def test_ring_gathers_the_rest():
    columns = summaries.configurations({f'G{k}': 100 - k for k in range(12)})['columns']
    assert columns['name'][-1] == f'other ({sum(100 - k for k in range(7, 12))})'
    assert columns['slice'] == list(summaries.SLICES)
    assert columns['start'][:-1] == columns['end'][1:]
    assert columns['end'][0] - columns['start'][-1] == pytest.approx(2 * math.pi)


def test_a_ring_without_rest_has_no_other():
    columns = summaries.configurations({'G130M/1291': 3, 'G160M': 1})['columns']
    assert (columns['name'], columns['slice']) == (['G130M/1291 (3)', 'G160M (1)'], ['0', '1'])


def test_years_without_exposures_are_there():
    found = summaries.exposure_dates({'COS': {2010: 2}, 'STIS': {2012: 1}})
    assert found['columns'] == {'year': ['2010', '2011', '2012'], 'COS': [2, 0, 0], 'STIS': [0, 0, 1]}
    assert found['factors'] == ['2010', '2011', '2012']


def test_optical_elements_stand_beneath_their_instrument():
    found = summaries.optical_elements({('STIS', 'E140M'): 9, ('COS', 'G130M'): 1, ('COS', 'G160M'): 4})
    assert found['factors'] == [['COS', 'G160M'], ['COS', 'G130M'], ['STIS', 'E140M']]
    assert found['columns']['count'] == [4, 1, 9]


@pytest.mark.parametrize(
    'count', [summaries.exposure_times, summaries.optical_elements, summaries.configurations, summaries.exposure_dates]
)
def test_numbers_fit_into_their_plot(count):
    """An empty archive has summaries, too."""
    found = count({})
    shown = list(models(charts.charts()[found['figure']]))
    (source,) = (one['attributes'] for one in shown if one.get('attributes', {}).get('name') == 'numbers')
    assert [name for name, _ in source['data']['entries']] == list(found['columns'])
    assert not any(found['columns'].values())
    assert [one['name'] for one in shown if one.get('attributes', {}).get('name') == 'factors'] == ['FactorRange'] * bool(
        found['factors']
    )


def test_plots_do_not_depend_on_what_was_built_before():
    one = json.dumps(charts.charts())
    dashboard.dashboard()
    assert json.dumps(charts.charts()) == one


def test_every_slice_has_a_colour():
    assert len(summaries.SLICES) == len(EXPOSURE_COLOURS) + 1


def test_a_finger_on_a_summary_scrolls_the_page():
    for item in charts.charts().values():
        (toolbar,) = (one['attributes'] for one in models(item) if one.get('name') == 'Toolbar')
        assert [tool['name'] for tool in toolbar['tools']] == ['SaveTool', 'HoverTool'] or toolbar['active_drag'] is None


def models(value):
    """Return every model in the description of a figure."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from models(one)
