"""The versioned book of an enterprise's departments, positions and duty lists (岗册)."""
