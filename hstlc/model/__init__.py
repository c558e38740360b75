"""The frozen types that every part of hstlc speaks in.

Plain floats and arrays carry their unit in the name: `_s` seconds, `_mjd` days (UTC unless the name says otherwise),
`_aa` Angstrom, `_deg` degrees. Missing is None, never a sentinel.
"""

from hstlc.model.archive import Exposure, GroupKey, InputFile, Outcome, Pointing, Product, Record, Rejection, Target
from hstlc.model.arrays import DAY_S, Bools, Floats, Ints, Reals
from hstlc.model.deliveries import DeliveredVersion, Delivery, Finding, Verdict
from hstlc.model.lightcurves import AsymmetricErrors, Cells, DynamicSpectrum, LightCurve, Provenance, SharedCells, Statistics
from hstlc.model.photons import Box, Events, ExtractedSpectrum, Facts, Region, SegmentFacts, Timeline
from hstlc.model.reference import Blaze, Curve, Linearity, PixelCorrections, Shift, TagCorrections, Throughput, TimeDependence
from hstlc.model.tables import BadProposal, Band, BandKind, ProposalAction
from hstlc.model.thresholds import Thresholds
from hstlc.model.variability import (
    ALIAS_MEANINGS,
    SPURIOUS,
    Alias,
    BandVariability,
    Episode,
    EpisodeKind,
    Interest,
    Period,
)
from hstlc.model.vocabulary import QUALITY_MEANINGS, FluxSource, Instrument, Quality, Reason, Status

__all__ = [
    'ALIAS_MEANINGS',
    'DAY_S',
    'QUALITY_MEANINGS',
    'SPURIOUS',
    'Alias',
    'AsymmetricErrors',
    'BadProposal',
    'Band',
    'BandKind',
    'BandVariability',
    'Blaze',
    'Bools',
    'Box',
    'Cells',
    'Curve',
    'DeliveredVersion',
    'Delivery',
    'DynamicSpectrum',
    'Episode',
    'EpisodeKind',
    'Events',
    'Exposure',
    'ExtractedSpectrum',
    'Facts',
    'Finding',
    'Floats',
    'FluxSource',
    'GroupKey',
    'InputFile',
    'Instrument',
    'Interest',
    'Ints',
    'LightCurve',
    'Linearity',
    'Outcome',
    'Period',
    'PixelCorrections',
    'Pointing',
    'Product',
    'ProposalAction',
    'Provenance',
    'Quality',
    'Reals',
    'Reason',
    'Record',
    'Region',
    'Rejection',
    'SegmentFacts',
    'SharedCells',
    'Shift',
    'Statistics',
    'Status',
    'TagCorrections',
    'Target',
    'Thresholds',
    'Throughput',
    'TimeDependence',
    'Timeline',
    'Verdict',
]
