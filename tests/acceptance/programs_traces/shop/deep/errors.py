class ShopError(Exception):
    """With a module in its name."""

    class Lost(Exception):
        """Inside another class."""
