"""How fast, how frugal and how exact the package is beside what one would use instead. Started by ``make bench``."""
