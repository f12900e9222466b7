"""``python -I -m samcell_core.worker``."""

import sys

from samcell_core.worker.process import main

sys.exit(main())
