"""Agreement as the packages of the field compute it: scikit-learn, krippendorff, irrCAC. `None` where they have no figure.

Tables are lists of units, each a list of what every coder said: numbers, `None` where one said nothing.
"""
import math
import warnings

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from sklearn.metrics import cohen_kappa_score

# irrCAC rounds, by default to 5.
DIGITS = 12


def kappa(a, b, weights=None, sample_weight=None, labels=None):
    """Cohen's kappa of two coders' lists; `weights` is None, "linear" or "quadratic". Units that either left out do not count."""
    both = [at for at, pair in enumerate(zip(a, b)) if None not in pair]
    if not both:
        return None
    units = None if sample_weight is None else [sample_weight[at] for at in both]
    one, other = [a[at] for at in both], [b[at] for at in both]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return defined(cohen_kappa_score(one, other, labels=labels, weights=weights, sample_weight=units))


def alpha(table, level="nominal", categories=None):
    """Krippendorff's alpha; `level` is "nominal", "ordinal" or "interval", `categories` the values there are, in order."""
    try:
        with np.errstate(all="ignore"):
            return defined(krippendorff.alpha(numbers(table).T, value_domain=categories, level_of_measurement=level))
    except ValueError as error:
        if str(error).startswith("There has to be"):
            return None
        raise


def ac1(table, categories=None):
    """Gwet's AC1; `categories` are the values there are, by default those that occur. irrCAC wants two units."""
    return gwet(table, categories)[0]


def per_cent(table, categories=None):
    """Per cent agreement as a share; `categories` as for `ac1`."""
    return gwet(table, categories)[1]


def gwet(table, categories=None):
    ratings = numbers(table)
    if not (np.isfinite(ratings).sum(axis=1) > 1).any():
        return None, None
    # Left to itself, irrCAC takes "missing" for a category with pandas 3.
    categories = categories or np.unique(ratings[np.isfinite(ratings)]).tolist()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = CAC(pd.DataFrame(ratings), categories=categories, digits=DIGITS).gwet()["est"]
    return defined(found["coefficient_value"]), defined(found["pa"])


def numbers(table):
    return np.array([[np.nan if code is None else code for code in unit] for unit in table], dtype=float)


def defined(figure):
    return None if math.isnan(figure) else float(figure)
