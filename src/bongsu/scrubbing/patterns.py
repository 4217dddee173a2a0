"""Patterns compiled when first needed: most processes never meet most secrets, and `import bongsu` pays for none."""

import re
from functools import cache


@cache
def pattern(text: str) -> re.Pattern[str]:
    """The compiled pattern."""
    return re.compile(text)
