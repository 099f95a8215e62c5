"""The usage page: what it answers, and a thin adapter for the web server of each Airflow major."""
