"""measure.py - what kind of JSON value this is, and how long."""

KINDS = {type(None): "null", bool: "bool", int: "number", float: "number"}


def measure(value):
    if isinstance(value, str):
        return "string", len(value)  # Python counts code points
    if isinstance(value, list):
        return "list", len(value)
    if isinstance(value, dict):
        return "object", len(value)
    return KINDS[type(value)], 0
