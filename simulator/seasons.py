"""How much is sold on a day beside a normal one: week, year and promotion days, by industry."""

from datetime import date

import numpy as np

from simulator.levels import INDUSTRIES

# Monday to Sunday; the mean is 1.
WEEK = (1.04, 1.03, 1.02, 1.0, 0.97, 0.95, 0.99)
# (month, day): times a normal day. Buyers hold back before 11.11 and have spent their money after it.
PROMOTIONS = {(6, 18): 2.4, (11, 11): 6.0, (12, 12): 2.2, (9, 9): 1.4, (3, 8): 1.5}
LULLS = {(11, day): 0.8 for day in (7, 8, 9, 10, 13, 14, 15)}
STOCKING_UP_DAYS = 40
YEAR_SWING = 0.12


def season(day: date) -> np.ndarray:
    """Sales beside a normal day, without promotions, shape (industries,)."""
    phase = 2 * np.pi * day.timetuple().tm_yday / 365.25
    industry = np.arange(len(INDUSTRIES)) * 0.7
    return np.asarray(WEEK[day.weekday()] * (1 + YEAR_SWING * np.cos(phase - industry)))


def promotion(day: date) -> float:
    """How many times a normal day a promotion sells; 1 on other days."""
    key = (day.month, day.day)
    return PROMOTIONS.get(key, LULLS.get(key, 1.0))


def is_stocking_up(day: date) -> bool:
    """Whether sellers buy stock for 11.11 and look for money to do so."""
    return 0 < (date(day.year, 11, 11) - day).days <= STOCKING_UP_DAYS
