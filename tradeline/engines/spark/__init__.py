"""dbt on Spark: the raw tables are given to it as Parquet, and what it makes is shown in the warehouse's DuckDB file.

The session lives in a process of its own (``python -m tradeline.engines.spark.process``) and ends with the command:
what it keeps in its folder, the metastore among it, is for one process at a time, as the warehouse is.
"""
