"""The cost of deliveries, and the limits beyond one machine: a money model and a simulation, with measured values as
input.

    from model import costs, simulate_all
"""

from .money import break_evens, costs
from .simulation import simulate_all

__all__ = ["break_evens", "costs", "simulate_all"]
