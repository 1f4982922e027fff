"""How names of the book are written in the schema."""


def camel(name: str) -> str:
    """`valid_from` is validFrom."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def plural(name: str) -> str:
    """The name of a list of a kind: toll_lane is toll_lanes, toll_entry toll_entries."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "z", "ch", "sh")) else f"{name}s"
