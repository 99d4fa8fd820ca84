"""The mart of a night as one would write it in pandas, Polars, Spark or plain DuckDB, beside Tradeline's night."""
