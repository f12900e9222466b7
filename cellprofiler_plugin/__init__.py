"""CellProfiler's module RunSAMCell, its client of the engine, and their installer.

CellProfiler itself never reads this file: it has the module from its folder of plugins.
"""
