"""A script in a folder of its own, which is where its modules are looked for."""

import sweeping

sweeping.sweep(deep=False)
