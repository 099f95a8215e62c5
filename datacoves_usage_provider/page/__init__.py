"""The usage page: what it shows, and a thin adapter for the web server of each Airflow major."""
