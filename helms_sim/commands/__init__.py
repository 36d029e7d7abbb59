"""The commands that the cell adds to `helms`."""
