"""Runs the command line: `python -m tansiq`."""

import sys

from tansiq.cli import main

if __name__ == "__main__":
    sys.exit(main())
