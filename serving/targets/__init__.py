"""Published nights go where applications read them; `deliver.py` is the way, one file for each kind of target."""
