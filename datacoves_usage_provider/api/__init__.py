"""What a usage API is and how it is read: requests, result pages, checks, chunks. Needs no Airflow."""
