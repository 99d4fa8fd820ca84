"""Speed and memory, measured beside what a user would pick instead; `make bench OLIST=PATH` runs all of it."""
