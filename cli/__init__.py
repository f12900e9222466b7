"""``samcell-cli``: a folder of images in, everything a biologist needs out. One command a file."""
