"""The engine as a process: framed requests on standard input, replies on standard output.

The protocol is described in docs/worker.md.
"""

from samcell_core.worker.process import main, serve

__all__ = ["main", "serve"]
