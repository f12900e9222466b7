"""Client of the SAMCell engine: one process, started once, driven over pipes.

Python 3.8, the standard library and numpy: it also runs inside the frozen CellProfiler, whose
Python is old and has no PyTorch. The protocol is described in docs/worker.md.

>>> engine = Engine.shared()  # doctest: +SKIP
>>> engine.segment(image, settings={"min_size": 30}).arrays["labels"]  # doctest: +SKIP
"""

from .engine import Engine
from .errors import EngineError
from .finding import find_python
from .frames import Reply

__all__ = ["Engine", "EngineError", "Reply", "find_python"]
