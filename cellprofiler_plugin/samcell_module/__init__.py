"""What RunSAMCell asks for and computes itself: settings, pixels, sizes, places, which engine.

Only `settings` knows CellProfiler; else numpy and the standard library, in the Python 3.8 of its
desktop application.
"""
