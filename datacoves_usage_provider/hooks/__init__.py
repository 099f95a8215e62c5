"""One hook for each usage API."""
