"""What a sample proves: SQL macros that every comparison of the suites weighs its difference with.

Evidence is the natural logarithm of the odds against chance: chance alone makes such a difference at most once in
``exp(evidence)`` nights. So a few rows, or amounts that scatter widely, have little of it however large the difference
looks, and pieces of independent evidence add up. All are closed forms, valid for few rows as for many:

- shares and counts: the bound of Chernoff (1952, Annals of Mathematical Statistics 23(4)) on binomial and Poisson
  tails, ``sum of seen * ln(seen / expected)``; of two samples, the likelihood ratio against one common share;
- typical amounts: the same bound on a normal mean, ``z^2 / 2``, of logarithms, whose tails are light;
- totals: the bound of Hoeffding (1963, Journal of the American Statistical Association 58) on sums of random signs,
  which holds for sellers of any size: one seller alone never has more evidence than 1/2;
- the population stability index: its distribution where nothing changed (Yurdakul and Naranjo 2020, Journal of Risk
  Model Validation 14(4)), with the chi-squared quantile of Wilson and Hilferty (1931, PNAS 17(12)).
"""

# Once in so many comparisons chance may do it. A hard one must not stop an honest night in years; a soft one may
# warn of one every few months.
HARD_ODDS = 10_000
SOFT_ODDS = 100
# Prices move together by sales and holidays: typical amounts scatter at least by this, in logarithms.
SPREAD_MIN = 0.5

MACROS = (
    f"create macro hard_evidence() as ln({HARD_ODDS})",
    f"create macro soft_evidence() as ln({SOFT_ODDS})",
    # One cell of a likelihood ratio.
    "create macro surprise(seen, expected) as if(seen > 0, seen * ln(seen / expected), 0)",
    # That a share, found / total, is above a bound.
    """
    create macro bound_evidence(found, total, bound) as if(found > bound * total,
        surprise(found, bound * total) + surprise(total - found, (1 - bound) * total), 0)
    """,
    # That a share is above another one, which is a sample too.
    """
    create macro share_evidence(found, total, found_before, total_before) as if(
        found * total_before > found_before * total,
        surprise(found, total * (found + found_before) / (total + total_before))
        + surprise(total - found, total * (1 - (found + found_before) / (total + total_before)))
        + surprise(found_before, total_before * (found + found_before) / (total + total_before))
        + surprise(total_before - found_before, total_before * (1 - (found + found_before) / (total + total_before))),
        0)
    """,
    # That a number of rows is another than the expected one.
    "create macro count_evidence(seen, expected) as surprise(seen, expected) - seen + expected",
    # That the mean of logarithms has moved by shift; spread is their standard deviation.
    f"create macro spread_of(sum_of_squares, freedom) as sqrt(greatest({SPREAD_MIN**2}, sum_of_squares / freedom))",
    "create macro shift_error(spread, seen, seen_before) as spread * sqrt(1 / seen + 1 / seen_before)",
    "create macro shift_evidence(shift, error) as shift * shift / (2 * error * error)",
    # That changes of either sign go one way: net is their sum, squares the sum of their squares.
    "create macro change_evidence(net, squares) as if(net = 0, 0, net * net / (2 * squares))",
    # How many choices of a group were open, to be taken from the evidence of the group that was found.
    """
    create macro ln_choices(total, chosen) as
        lgamma(total + 1.0) - lgamma(chosen + 1.0) - lgamma(total - chosen + 1.0)
    """,
    # What a chi-squared variable exceeds by chance as seldom as the evidence says.
    """
    create macro chi_squared_at(evidence, freedom) as
        freedom * power(1 - 2 / (9 * freedom) + sqrt(2 * evidence) * sqrt(2 / (9 * freedom)), 3)
    """,
    # Intervals beside what was found: Wilson's (1927) of a share, and of a ratio of typical amounts.
    """
    create macro share_low(found, total) as
        (found + hard_evidence() - sqrt(2 * hard_evidence()
            * (found * (total - found) / total + hard_evidence() / 2))) / (total + 2 * hard_evidence())
    """,
    """
    create macro share_high(found, total) as
        (found + hard_evidence() + sqrt(2 * hard_evidence()
            * (found * (total - found) / total + hard_evidence() / 2))) / (total + 2 * hard_evidence())
    """,
    "create macro times_low(shift, error) as exp(shift - sqrt(2 * hard_evidence()) * error)",
    "create macro times_high(shift, error) as exp(shift + sqrt(2 * hard_evidence()) * error)",
)
