"""HTTP to one usage API: patient within limits, and silent about the key."""
