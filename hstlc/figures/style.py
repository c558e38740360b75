"""One quiet style for every figure: colours that colour-blind readers can tell apart, thin axes, units."""

from typing import Any

# Okabe & Ito (2008), "Color Universal Design", changed to contrast by 3:1 and more with both white and near-black
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, OLIVE, GREY = (
    '#3a7fc1', '#d45f1e', '#1a9476', '#b364a0', '#b98306', '#4b9cd3', '#8c8c34', '#7a8294',
)  # fmt: skip
EXPOSURE_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, OLIVE)
INK = '#1b2333'
MUTED = '#586174'
RULE = '#d5dae3'

FLUX_UNIT = 'erg s⁻¹ cm⁻² Å⁻¹'
RATE_UNIT = 'counts s⁻¹'

MATPLOTLIB: Any = {
    'font.family': 'DejaVu Sans',
    'font.size': 8.5,
    'axes.edgecolor': MUTED,
    'axes.labelcolor': INK,
    'axes.linewidth': 0.7,
    'axes.spines.top': False,
    'axes.spines.right': False,
    'axes.titlesize': 9,
    'axes.unicode_minus': True,
    'xtick.color': MUTED,
    'ytick.color': MUTED,
    'xtick.labelcolor': INK,
    'ytick.labelcolor': INK,
    'xtick.major.width': 0.7,
    'ytick.major.width': 0.7,
    'grid.color': RULE,
    'grid.linewidth': 0.6,
    'axes.grid': True,
    'axes.grid.axis': 'y',
    'axes.axisbelow': True,
    'legend.frameon': False,
    'figure.facecolor': 'white',
    'savefig.facecolor': 'auto',
    'text.parse_math': False,  # a '$' in a target's name is a '$'
    'path.simplify_threshold': 0.5,
    'agg.path.chunksize': 10000,
}


def colour_of(dataset: int) -> str:
    """Return the colour of the exposure that is the `dataset`-th (from 1) of its light curve."""
    return EXPOSURE_COLOURS[(dataset - 1) % len(EXPOSURE_COLOURS)]


def plain(text: str) -> str:
    """Return text that the figures' font can draw: what it cannot becomes '?'."""
    return ''.join(c if c.isprintable() and ord(c) < 0x250 else '?' for c in text)
