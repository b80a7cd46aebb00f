"""What deliveries cost, and what binds past one machine: a money model and a simulation, fed with what was measured.

    from model import costs, simulate_all
"""

from .money import break_evens, costs
from .simulation import simulate_all

__all__ = ["break_evens", "costs", "simulate_all"]
