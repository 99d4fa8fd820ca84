"""What every part of Tradeline shares: settings, the home folder, the warehouse lock, dbt, the command line."""
