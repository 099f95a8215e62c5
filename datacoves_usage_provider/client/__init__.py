"""HTTP to one usage API: with retries and limits, and without leaking the key."""
