"""Who caused it: what Airflow ran, and the bill split over its DAGs; no part of it writes to an Airflow's database."""
