"""The Airflow side of a usage API: its connection, the form, the Test button. One file per API."""
