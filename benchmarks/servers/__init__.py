"""Loopback servers that cost little: their answers are bytes before the clock starts."""
