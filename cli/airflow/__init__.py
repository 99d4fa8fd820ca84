"""An Airflow on this machine: its home, its services, its REST API."""
