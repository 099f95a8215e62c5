"""The tables that hold usage, and the loads that replace it there."""
