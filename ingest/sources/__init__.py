"""Sources of a deployment: ``sources/NAME.yml`` says how tables that are there already become the raw contract's."""
