"""``python -m samcell_cli``."""

from samcell_cli.main import main

if __name__ == "__main__":
    main()
