# SPDX-License-Identifier: Apache-2.0
"""Numbers from a training script to `ablate`, and studies from `ablate` to pandas.

    import ablate_log

    options = ablate_log.options(lr=1e-3, dropout=0.1)
    ablate_log.log(step, loss=loss)
    ablate_log.log(accuracy=accuracy)

    trials = ablate_log.read_study("my-study")

Never required: `ablate` also reads the files that a script writes, and what it prints. A script that
uses it runs by itself just as well: log() does nothing then, options() gives the defaults.
"""

from ._program import log, options
from ._study import read_study

__all__ = ["log", "options", "read_study"]
__version__ = "0.1.0"
