"""Tests that need Java run in processes of their own, for there is one Java in a process."""

import os

# Set where such a process collects them: see test_in_java.py.
collect_ignore = [] if "SAMCELL_TESTS_IN_JAVA" in os.environ else ["inside"]
