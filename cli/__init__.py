"""The command line, and what it needs: screens, a local Airflow, the demonstration."""
