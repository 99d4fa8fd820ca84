"""Sources to landing to warehouse: connectors, the raw contract, validation, admission and loading of nights."""
