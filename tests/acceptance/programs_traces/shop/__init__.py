"""A package that fails in many ways."""
