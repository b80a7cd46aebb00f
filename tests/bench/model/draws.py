"""Random numbers that the standard library lacks. All take the generator, so that a seed determines every number."""

from math import ceil, exp, log
from statistics import NormalDist

Z99 = NormalDist().inv_cdf(0.99)


def poisson(rng, mean):
    if mean <= 0:
        return 0
    if mean > 30:  # the normal approximation's error is below the sampling error of a run
        return max(0, round(rng.gauss(mean, mean ** 0.5)))
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def binomial(rng, trials, chance):
    """Skips from success to success: the work grows with the successes, not the trials."""
    if chance <= 0 or trials <= 0:
        return 0
    if chance >= 1:
        return trials
    skip, position, count = log(1 - chance), 0, 0
    while True:
        position += 1 + int(log(1 - rng.random()) / skip)
        if position > trials:
            return count
        count += 1


class LogNormal:
    def __init__(self, median, p99):
        self.mu = log(median)
        self.sigma = log(p99 / median) / Z99 if p99 > median else 0.0
        self.mean = exp(self.mu + self.sigma ** 2 / 2)
        self._normal = NormalDist()

    def quantile(self, chance):
        return exp(self.mu + self.sigma * self._normal.inv_cdf(chance))

    def share_within(self, value):
        """Returns the share of draws that do not exceed the value."""
        if not self.sigma:
            return float(log(value) >= self.mu)
        return self._normal.cdf((log(value) - self.mu) / self.sigma)

    def largest(self, rng, count):
        """Draws the largest of `count` values at once: its distribution function is that of one, to the power of the
        count."""
        if count <= 0:
            return 0.0
        return self.quantile(min(max(rng.random() ** (1 / count), 1e-12), 1 - 1e-12))


def rounds(deliveries, first, most):
    """Returns the number of round trips of an endpoint whose window opens by one with each success."""
    window, count = first, 0
    while deliveries > 0 and window < most:
        deliveries -= window
        window, count = min(2 * window, most), count + 1
    return count + ceil(max(deliveries, 0) / most)
