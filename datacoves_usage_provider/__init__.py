"""Collect the usage of metered services into a warehouse table, every day exactly once."""

__version__ = "0.1.0"
