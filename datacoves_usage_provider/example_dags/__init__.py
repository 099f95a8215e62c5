"""The DAGs that people copy: ``python -m datacoves_usage_provider.example_dags FOLDER`` does it."""
