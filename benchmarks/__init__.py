"""Speed and memory, measured beside what a user would pick instead: `make bench SELLERS=N` or `OLIST=PATH`."""
