"""Cells in the files of ImageJ and QuPath (label TIFF, ``RoiSet.zip``, GeoJSON), and in ImageJ.

The files are Python alone: they need no Java and no ImageJ. `connect` gives an ImageJ that runs in
this process, to hand images, cells and tables to, and to get them back from.
"""

from imagej_bridge.connection import Connection, connect
from imagej_bridge.geojson import read_geojson, write_geojson
from imagej_bridge.label_tiff import LabelImage, read_label_tiff, write_label_tiff
from imagej_bridge.outlines import trace, trace_polygons
from imagej_bridge.painting import Cell, DrawnCells
from imagej_bridge.palette import colour_of, colour_table
from imagej_bridge.planes import Position
from imagej_bridge.roi import encode_roi
from imagej_bridge.roi_decoding import Roi, decode_roi
from imagej_bridge.roi_set import read_roi_set, write_roi_set

__all__ = [
    "Cell",
    "Connection",
    "DrawnCells",
    "LabelImage",
    "Position",
    "Roi",
    "colour_of",
    "colour_table",
    "connect",
    "decode_roi",
    "encode_roi",
    "read_geojson",
    "read_label_tiff",
    "read_roi_set",
    "trace",
    "trace_polygons",
    "write_geojson",
    "write_label_tiff",
    "write_roi_set",
]
