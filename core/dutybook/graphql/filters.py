"""What lists of the registry can be narrowed to."""

from enum import Enum

import strawberry

from dutybook.db.duties import DutyFilter as DutiesWanted
from dutybook.db.people import EmployeeFilter as EmployeesWanted
from dutybook.db.personal import Sight
from dutybook.db.positions import Place
from dutybook.db.positions import PositionFilter as PositionsWanted
from dutybook.errors import Forbidden
from dutybook.graphql.describe import both, column, value
from dutybook.graphql.involvement import Involvement

ORGANISATION = ("单位编号。", "The code of an organisation.")
DEPARTMENT = ("部门编号。", "The code of a department.")
DESCENDANTS = ("连同所有下级部门。", "With all departments below.")


@strawberry.input(description=both("筛选岗位；各项须同时满足。", "Which positions; all that is given must hold."))
class PositionFilter:
    """A filter of positions."""

    organisation: str | None = column(*ORGANISATION, default=None)
    department: str | None = column(*DEPARTMENT, default=None)
    include_descendants: bool = column(*DESCENDANTS, default=False)
    title: str | None = column("岗位名称含有的文字。", "A part of the title.", default=None)
    grade: str | None = column("岗级。", "The grade.", default=None)
    vacant: bool | None = column("是否有空缺。", "Whether seats are vacant.", default=None)

    def wanted(self) -> PositionsWanted:
        """The same for the database."""
        place = Place(self.organisation, self.department, self.include_descendants)
        return PositionsWanted(place, self.title, self.grade, self.vacant)


@strawberry.input(description=both("筛选职责；各项须同时满足。", "Which duties; all that is given must hold."))
class DutyFilter:
    """A filter of duties."""

    organisation: str | None = column(*ORGANISATION, default=None)
    department: str | None = column(*DEPARTMENT, default=None)
    include_descendants: bool = column(*DESCENDANTS, default=False)
    position: str | None = column("岗位编号。", "The code of a position.", default=None)
    involvement: list[Involvement] | None = column("参与方式为其中之一。", "One of these involvements.", default=None)

    def wanted(self) -> DutiesWanted:
        """The same for the database."""
        return DutiesWanted(Place(self.organisation, self.department, self.include_descendants), self.position)


@strawberry.input(description=both("筛选职工；各项须同时满足。", "Which employees; all that is given must hold."))
class EmployeeFilter:
    """A filter of employees."""

    organisation: str | None = column(*ORGANISATION, default=None)
    department: str | None = column(
        "在此部门任职；部门编号。", "Assigned in a department, given by its code.", default=None
    )
    include_descendants: bool = column(*DESCENDANTS, default=False)
    position: str | None = column(
        "在此岗位任职；岗位编号。", "Assigned to a position, given by its code.", default=None
    )
    name: str | None = column(
        "姓名含有的文字；只在有权读取的姓名中找。",
        "A part of the name; only among the names that may be read.",
        default=None,
    )

    def wanted(self, sight: Sight) -> EmployeesWanted:
        """The same for the database; Forbidden for who may read nobody's name."""
        if self.name is not None and sight.is_blind:
            raise Forbidden(
                "按姓名筛选职工需要读取姓名的权限；请改用工号或岗位。",
                "Filtering employees by name needs the right to read names; use the number or the position.",
                path=["filter", "name"],
            )
        place = Place(self.organisation, self.department, self.include_descendants)
        return EmployeesWanted(place, self.position, self.name)


class PositionOrder(Enum):
    """Orders of positions; cursors are good for one of them."""

    CODE = value("CODE", "按单位和岗位编号。", "By organisation and code.")
    TITLE = value("TITLE", "按岗位名称。", "By title.")


strawberry.enum(
    PositionOrder, description=both("岗位的排序；默认按编号。", "How to order positions; by code unless said.")
)
COLUMNS: dict[PositionOrder, tuple[tuple[str, ...], tuple[type, ...]]] = {
    PositionOrder.CODE: (("organisation", "code"), (int, str)),
    PositionOrder.TITLE: (("title", "key"), (str, int)),
}
"""The columns of each order and the types of their values."""
