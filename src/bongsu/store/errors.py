"""What can go wrong with the store."""


class StoreError(Exception):
    """The store could not do what it was asked; nothing of the transaction remains."""


class StoreBusy(StoreError):
    """Another process holds the file; try again soon."""


class StoreUnavailable(StoreError):
    """Full disk, read-only directory, failing device."""


class StoreDamaged(StoreError):
    """The file is not a sound database."""
