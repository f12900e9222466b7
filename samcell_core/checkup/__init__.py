"""Whether this installation can work, and what to do about what stands in its way."""

from samcell_core.checkup.checks import check_up
from samcell_core.checkup.finding import BROKEN, NOTE, OK, Finding

__all__ = ["BROKEN", "NOTE", "OK", "Finding", "check_up"]
