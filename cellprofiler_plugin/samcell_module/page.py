"""What CellProfiler shows as the help of the module; `settings` holds that of each setting."""

__all__ = ["PAGE"]

PAGE = """\
RunSAMCell
==========

**RunSAMCell** identifies cells, as primary objects, in microscope images of any kind: phase
contrast, brightfield, DIC, quantitative phase, fluorescence. It takes the place of
**IdentifyPrimaryObjects** where a threshold does not separate cells from the ground or from each
other. No staining is needed, and touching cells are told apart.

A neural network predicts for each pixel how far it lies inside its cell (the *distance map*), and
a watershed on that map draws the cells. The network does not run inside CellProfiler but in a
process of its own, the *engine*, which has to be installed once beside CellProfiler: type
``pip install samcell-suite`` in a Python of 3.10 or later, and then
``samcell-cli cellprofiler install``.

|

============ ============ ===============
Supports 2D? Supports 3D? Respects masks?
============ ============ ===============
YES          NO           YES
============ ============ ===============

What do I need as input?
^^^^^^^^^^^^^^^^^^^^^^^^

One image, grayscale or color, of any bit depth. Color is converted to gray by the engine. Time
series and z-stacks are taken plane by plane, as **NamesAndTypes** hands them; volumes are not
supported. If the image is masked or cropped, objects are found inside of the mask only; the
network still sees the pixels around it, unless **Crop** has removed them.

What do I get as output?
^^^^^^^^^^^^^^^^^^^^^^^^

A set of primary objects for any later module: **IdentifySecondaryObjects**,
**MeasureObjectSizeShape**, **RelateObjects**, **TrackObjects** and so on. If you choose so, the
distance map as an image with values of 0 to 1.

Measurements made by this module
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

**Image measurements:**

-  *Count:* The number of objects.
-  *SAMCell_PeakThreshold, SAMCell_FillThreshold:* The thresholds that were used.
-  *SAMCell_Scale:* The factor by which the image was enlarged before the network saw it.

**Object measurements:**

-  *Location_Center_X, Location_Center_Y, Location_Center_Z:* The center of mass.
-  *Number_Object_Number:* The number of the object.
-  *SAMCell_Confidence:* 0 to 1, low for doubtful objects: told from how high the distance map
   rises in the object, how far it falls towards its neighbors, and how sharply it ends.
   **FilterObjects** can drop the doubtful ones.

References
^^^^^^^^^^

VandeLoo AD, Malta NJ, Sanganeriya S, Aponte E, van Zyl C, Xu D, et al. (2025) SAMCell: Generalized
label-free biological cell segmentation with segment anything. *PLoS One* 20(9): e0319532.
(`link <https://doi.org/10.1371/journal.pone.0319532>`__)
"""
