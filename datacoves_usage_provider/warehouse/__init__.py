"""The tables that usage is kept in, and the loads that replace it there."""
