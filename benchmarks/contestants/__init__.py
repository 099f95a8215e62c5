"""
One file for each contestant.

Its ``run(job)`` does the work; all that stands at the top of its file happens before the clock starts.
"""
