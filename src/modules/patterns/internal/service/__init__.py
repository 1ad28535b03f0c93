"""The services behind the facades of `patterns`."""
