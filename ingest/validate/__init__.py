"""Reading landed files against the raw contract: sources, hard faults (of a file) and soft faults (of a row)."""
