"""
Where Airflow 3.3 with its own examples on looks for those of this distribution: in a module of its name.

Without one, it logs an error with a traceback. This one leads to no DAGs, since Airflow would take them for the copies
in the DAGs folder, which have the same ids.
"""
