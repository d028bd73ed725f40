"""The logger of the package, `mtcnn_rt`. It prints nothing unless the program asks for it.

INFO has what is decided once: the model, the engine, the decoders. DEBUG has a line for each file.
"""

from __future__ import annotations

import logging

LOG = logging.getLogger("mtcnn_rt")
LOG.addHandler(logging.NullHandler())
