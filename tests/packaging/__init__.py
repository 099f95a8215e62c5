"""What is shipped, and that it works where it is installed."""
