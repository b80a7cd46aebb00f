"""Prints the model's results for the bench's measurements, as JSON. In tests/bench:

    python -m model RESULTS.json [--quick]
"""

import json
import sys
from pathlib import Path

from . import break_evens, costs, simulate_all
from .measured import inputs

names = [argument for argument in sys.argv[1:] if argument != "--quick"]
if len(names) != 1:
    sys.exit("usage: python -m model RESULTS.json [--quick]")
results = inputs(json.loads(Path(names[0]).read_text()))
money = costs(results)
answer = {"costs": money, "break_evens": break_evens(money), "simulation": simulate_all(results, "--quick" in sys.argv)}
json.dump(answer, sys.stdout, indent=1)
