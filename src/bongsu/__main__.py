"""`python -m bongsu` is the command `bongsu`."""

import sys

from bongsu.cli import main

if __name__ == "__main__":
    sys.exit(main())
