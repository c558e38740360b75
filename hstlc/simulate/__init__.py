"""Exposures with known truth in the real file formats, for the demo and the tests."""
