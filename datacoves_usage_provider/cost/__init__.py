"""What usage costs, and where a month will end: rates, budgets and the views on them."""
