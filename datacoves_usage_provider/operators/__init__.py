"""The operators, one in each file, thin; and the plan and the log lines of the task that collects."""
