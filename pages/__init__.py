"""The style, the plots and the writing of pages that people look at."""
