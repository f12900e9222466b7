"""Networks, one a file; reading them from checkpoints; their names and where they come from."""
