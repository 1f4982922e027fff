"""How widely something may be known."""

from enum import Enum

import strawberry

from dutybook.graphql.describe import both, value


class Classification(Enum):
    """How widely something may be known."""

    PUBLIC = value("PUBLIC", "公开。", "Public.")
    INTERNAL = value("INTERNAL", "内部。", "Internal.")
    SECRET = value("SECRET", "商业秘密。", "A trade secret.")


strawberry.enum(Classification, description=both("密级。", "How widely something may be known."))
