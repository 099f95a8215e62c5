"""Fixtures and small helpers that several test folders share."""
