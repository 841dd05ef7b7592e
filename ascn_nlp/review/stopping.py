"""Whether a review may stop: how much is likely still missed, told from a sample of what people have not settled."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import NamedTuple

from ascn_nlp.errors import OptionError

_RISK = 0.05  # that the stopping rule says stop too early


class Missed(NamedTuple):
    """How many positives of a concern are likely left among the passages not settled on it, the sample now settled.

    ``left`` is the estimate and ``left_at_most`` the upper 95 % bound; ``recall`` is the share of all positives that
    people have found, ``recall_at_least`` its lower 95 % bound. None where no passage was sampled or no positive is
    known. ``is_reached`` says that recall is ``target`` or more, with a risk of ``p`` of being wrong (under 0.05).
    """

    left: float | None
    left_at_most: int
    recall: float | None
    recall_at_least: float | None
    target: float
    p: float
    is_reached: bool


def still_missed(found: int, unsettled: int, sampled: int, sampled_positive: int, target: float = 0.95) -> Missed:
    """What a random sample of the unsettled passages tells of those left, and whether the review may stop.

    ``found`` positives of a concern were known before the sample was drawn, ``unsettled`` passages were neither known
    to have it nor known not to; of them ``sampled`` were drawn at random and settled. The test is that of Callaghan and
    Müller-Hansen (2020, Systematic Reviews 9:273): with fewer than ``target`` of all positives found, at least
    floor(seen / target - found + 1) were among the unsettled; p is the chance that the sample then shows as few as it
    does (hypergeometric). The bounds are those that the same test leaves standing, so that they agree with it. The 5 %
    are those of one look: who samples and tests again until the test says stop is wrong more often. Raises OptionError
    for counts that cannot be.
    """
    from scipy.stats import hypergeom  # type: ignore[attr-defined]

    if not 0 <= sampled_positive <= sampled <= unsettled or found < 0 or not 0 < target <= 1:
        what = f"{found} found, {unsettled} unsettled, {sampled} sampled, {sampled_positive} positive, target {target}"
        remedy = "positive <= sampled <= unsettled, all of them counts, and a target above 0 and up to 1"
        raise OptionError(f"are no counts of one review: {what}", "", remedy)

    def chance(positives: int) -> float:
        """Of a sample with so few positives, were there so many."""
        if positives > unsettled - sampled + sampled_positive:
            return 0.0
        return float(hypergeom.cdf(sampled_positive, unsettled, positives, sampled))

    seen = found + sampled_positive
    fewest = floor(seen / Fraction(str(target)) - found + 1)
    low, high = sampled_positive, unsettled - sampled + sampled_positive
    while low < high:  # the largest number with a chance that is not below the risk
        middle = (low + high + 1) // 2
        low, high = (middle, high) if chance(middle) >= _RISK else (low, middle - 1)
    p = chance(fewest)
    left = (unsettled - sampled) * sampled_positive / sampled if sampled else None if unsettled else 0.0
    return Missed(
        left=left,
        left_at_most=low - sampled_positive,
        recall=seen / (seen + left) if seen and left is not None else None,
        recall_at_least=seen / (found + low) if seen else None,
        target=target,
        p=p,
        is_reached=p < _RISK,
    )
