"""Loopback servers that cost little: their responses are bytes before the clock starts."""
