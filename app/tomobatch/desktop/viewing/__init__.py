"""The slice viewer: what is looked at, how it is painted, what is measured and picked in it."""
