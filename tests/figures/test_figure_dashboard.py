import json

import pytest

from hstlc.figures import dashboard, summaries


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
    item = json.dumps(summaries.exposure_times({f't{k:02}': float(k) for k in range(40)}), ensure_ascii=False)
    assert '"t39"' in item
    assert '"t09"' not in item


def test_ring_gathers_the_rest():
    item = json.dumps(summaries.configurations({f'G{k}': 100 - k for k in range(12)}))
    assert f'other ({sum(100 - k for k in range(7, 12))})' in item


@pytest.mark.parametrize(
    'draw', [summaries.exposure_times, summaries.optical_elements, summaries.configurations, summaries.exposure_dates]
)
def test_an_empty_archive_has_summaries_too(draw):
    assert draw({})['root_id']


def test_a_finger_on_a_summary_scrolls_the_page():
    for item in (summaries.exposure_times({'a': 1.0}), summaries.exposure_dates({'COS': {2010: 1}})):
        (toolbar,) = (one for one in models(item) if one.get('name') == 'Toolbar')
        assert toolbar['attributes']['active_drag'] is None


def models(value):
    """Return every model in the description of a figure."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from models(one)
