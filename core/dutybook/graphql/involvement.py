"""How a duty involves its position."""

from enum import Enum

import strawberry

from dutybook.graphql.describe import both, value


class Involvement(Enum):
    """The degrees of involvement."""

    ACCOUNTABLE = value(
        "ACCOUNTABLE", "全面负责、主持、牵头。", "Accountable: leads, presides, takes the overall charge."
    )
    RESPONSIBLE = value("RESPONSIBLE", "负责、组织、完成。", "Responsible: does it, organises it, gets it done.")
    SUPERVISE = value("SUPERVISE", "督促、监督、审核。", "Supervises, reviews, urges.")
    ASSIST = value("ASSIST", "协助、配合。", "Assists, supports.")
    PARTICIPATE = value("PARTICIPATE", "参与、参加。", "Takes part.")
    CATCH_ALL = value(
        "CATCH_ALL",
        "完成领导交办的其他工作；不计入排序、覆盖和权重。",
        "Other work as assigned; left out of ranking, coverage and weights.",
    )
    OTHER = value("OTHER", "开头的词不在表中。", "The opening words are not in the table.")


strawberry.enum(
    Involvement,
    description=both(
        "职责的参与方式，读自开头的词，可改定。",
        "How a duty involves its position; read from its opening words, and overridable.",
    ),
)
