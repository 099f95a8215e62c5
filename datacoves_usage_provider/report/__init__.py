"""What the usage page and the report show: read, summed up, drawn and written as HTML and CSV."""
