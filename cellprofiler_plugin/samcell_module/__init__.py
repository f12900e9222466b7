"""What RunSAMCell computes itself: pixels, sizes, places, statistics, which engine to ask.

Nothing here knows CellProfiler; numpy and the standard library only, in the Python 3.8 of its
desktop application.
"""
