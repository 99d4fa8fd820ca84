"""What runs a dbt command: DuckDB in this process, or Spark in one of its own."""
