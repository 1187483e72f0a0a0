"""Reads a run's event files as TensorBoard does and prints them as JSON: {"<tag>": [[step, value], ...], ...}.

Usage: python tensorboard_check.py FOLDER (with TensorBoard installed). NaN and infinities are printed as text.
"""

import json
import math
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

accumulator = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "tensors": 0})
accumulator.Reload()
# Recent versions keep every scalar as a tensor of no dimensions.
events = {tag: accumulator.Scalars(tag) for tag in accumulator.Tags()["scalars"]}
print(
    json.dumps(
        {
            tag: [[e.step, e.value if math.isfinite(e.value) else str(e.value)] for e in values]
            for tag, values in events.items()
        }
    )
)
