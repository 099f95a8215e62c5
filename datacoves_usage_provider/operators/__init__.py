"""The operator that collects usage."""
