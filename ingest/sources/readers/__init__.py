"""One reader for each kind of source; ``ingest.sources.readers.reader`` says what a reader does."""
