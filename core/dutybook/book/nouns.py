"""The core's own nouns, registered through the same description that a plugin uses."""

from dutybook.book.kinds import Field, Kind, Kinds, Type
from dutybook.errors import Message

PUBLIC, INTERNAL, SECRET = CLASSIFICATIONS = {
    "PUBLIC": Message("公开", "public"),
    "INTERNAL": Message("内部", "internal"),
    "SECRET": Message("商业秘密", "trade secret"),
}
DEPARTMENT_KINDS = ("FUNCTIONAL", "UNIT", "STATION", "TEAM")
INVOLVEMENTS = {
    "ACCOUNTABLE": Message("全面负责", "accountable"),
    "RESPONSIBLE": Message("负责", "responsible"),
    "SUPERVISE": Message("监督", "supervises"),
    "ASSIST": Message("协助", "assists"),
    "PARTICIPATE": Message("参与", "participates"),
    "CATCH_ALL": Message("兜底", "catch-all"),
    "OTHER": Message("其他", "other"),
}
ASSIGNMENT_KINDS = {
    "PRIMARY": Message("主岗", "primary"),
    "CONCURRENT": Message("兼岗", "concurrent"),
    "ACTING": Message("代理", "acting"),
    "SECONDED": Message("借调", "seconded"),
}
REACHES = {"OWN": Message("本部门", "own"), "SUBTREE": Message("含下级", "with all below")}

MOVABLE = {"open": "opened", "set": "changed", "close": "closed", "move": "moved"}
RANK = Field("rank", Message("次序", "Rank"), Type.RANK, longest=200)
CLASSIFICATION = Field("classification", Message("密级", "Classification"), choices=CLASSIFICATIONS)


def _reference(name: str, zh: str, en: str, target: str, *, required: bool = False, within: bool = True) -> Field:
    return Field(name, Message(zh, en), Type.REFERENCE, target=target, required=required, within=within)


ORGANISATION = Kind(
    "organisation",
    Message("单位", "Organisation"),
    (Field("name", Message("名称", "Name"), required=True, longest=200), RANK),
    coded="O",
)
DEPARTMENT = Kind(
    "department",
    Message("部门", "Department"),
    (
        Field("name", Message("名称", "Name"), required=True, longest=200),
        Field("kind", Message("性质", "Kind"), longest=40),
        Field("category", Message("类别", "Category"), longest=100),
        _reference("parent", "上级部门", "Parent", "department"),
        RANK,
        Field("quota", Message("编制", "Quota"), Type.INTEGER, minimum=0, maximum=1_000_000),
        CLASSIFICATION,
    ),
    coded="D",
    parents=("parent",),
    scope="key",
    events=MOVABLE,
)
STANDARD_POSITION = Kind(
    "standard_position",
    Message("标准岗位", "Standard position"),
    (
        Field("title", Message("岗位名称", "Title"), required=True, longest=200),
        Field("sections", Message("章节", "Sections"), Type.JSON),
        RANK,
    ),
    coded="S",
)
POSITION = Kind(
    "position",
    Message("岗位", "Position"),
    (
        Field("title", Message("岗位名称", "Title"), required=True, longest=200),
        _reference("department", "部门", "Department", "department", required=True),
        Field("grade", Message("岗级", "Grade"), longest=40),
        Field("headcount", Message("定员", "Headcount"), Type.INTEGER, required=True, minimum=0, maximum=100_000),
        Field("leading", Message("领导岗位", "Leading post"), Type.BOOLEAN),
        RANK,
        _reference("standard", "标准岗位", "Standard position", "standard_position"),
        _reference("reports_to", "上级岗位", "Reports to", "position"),
        _reference("deputy_of", "副职所属岗位", "Deputy of", "position"),
        Field("substitutes", Message("B角", "Substitutes"), Type.REFERENCES, target="position"),
        Field("exceptions", Message("不适用的标准职责", "Duties left out"), Type.REFERENCES, target="duty"),
        Field("sections", Message("章节", "Sections"), Type.JSON),
        Field("note", Message("备注", "Note")),
        CLASSIFICATION,
    ),
    coded="P",
    parents=("department",),
    scope="department",
    events=MOVABLE,
)
DUTY = Kind(
    "duty",
    Message("职责", "Duty"),
    (
        Field("text", Message("内容", "Text"), required=True, longest=4000),
        _reference("position", "岗位", "Position", "position"),
        _reference("standard", "标准岗位", "Standard position", "standard_position"),
        RANK,
        Field("involvement", Message("参与方式", "Involvement"), choices=INVOLVEMENTS),
        Field("tags", Message("标签", "Tags"), Type.JSON),
        Field("documents", Message("依据文件", "Documents"), Type.REFERENCES, target="document"),
        Field("source", Message("出处", "Source"), Type.JSON),
        CLASSIFICATION,
    ),
    parents=("position", "standard"),
    scope="position",
    events={"open": "added", "set": "changed", "close": "withdrawn", "move": "moved"},
)
EMPLOYEE = Kind(
    "employee",
    Message("职工", "Employee"),
    (
        Field("name", Message("姓名", "Name"), required=True, personal=True, contact=True, longest=100),
        Field("employment_type", Message("用工性质", "Employment type"), longest=40),
        Field("status", Message("状态", "Status"), longest=40),
        Field("status_reason", Message("状态事由", "Reason of the status"), personal=True, longest=400),
        _reference("status_document", "状态文件", "Document of the status", "document", within=False),
        Field("entered_on", Message("入职日", "Entry day"), Type.DATE, personal=True),
        Field("left_on", Message("离职日", "Leaving day"), Type.DATE, personal=True),
        Field("office_phone", Message("办公电话", "Office phone"), personal=True, contact=True, longest=60),
        Field("short_number", Message("短号", "Short number"), personal=True, contact=True, longest=60),
        Field("email", Message("邮箱", "E-mail"), personal=True, contact=True, longest=200),
        Field("room", Message("房间", "Room"), personal=True, contact=True, longest=60),
        Field("external_ids", Message("外部编号", "External ids"), Type.JSON, personal=True),
    ),
    coded="E",
    person="key",
)
ASSIGNMENT = Kind(
    "assignment",
    Message("任职", "Assignment"),
    (
        _reference("employee", "职工", "Employee", "employee", required=True),
        _reference("position", "岗位", "Position", "position", required=True),
        Field("kind", Message("任职方式", "Kind"), required=True, choices=ASSIGNMENT_KINDS),
        Field("suspended", Message("停职", "Suspended"), Type.BOOLEAN),
        Field("share", Message("占比", "Share"), Type.INTEGER, minimum=1, maximum=100),
        Field("reason", Message("事由", "Reason"), personal=True, longest=400),
        _reference("document", "文件", "Document", "document", within=False),
    ),
    parents=("position",),
    scope="position",
    person="employee",
    events={"open": "started", "set": "changed", "close": "ended"},
)
DOCUMENT = Kind(
    "document",
    Message("文件", "Document"),
    (
        Field("title", Message("标题", "Title"), required=True, longest=400),
        Field("number", Message("文号", "Number"), longest=100),
        Field("issuer", Message("发文单位", "Issuer"), longest=200),
        Field("decided_on", Message("决定日", "Decided on"), Type.DATE),
        Field("issued_on", Message("发文日", "Issued on"), Type.DATE),
        Field("effective_on", Message("生效日", "Effective on"), Type.DATE),
        Field("repealed_on", Message("废止日", "Repealed on"), Type.DATE),
        Field("scans", Message("扫描件", "Scans"), Type.JSON),
        CLASSIFICATION,
    ),
    classified=True,
)

SYNONYM = Kind(
    "synonym",
    Message("同义词", "Synonym"),
    (Field("terms", Message("词", "Terms"), Type.JSON, required=True),),
)

QUOTA = Kind(
    "quota",
    Message("编制定额", "Quota"),
    (
        _reference("department", "部门", "Department", "department", required=True),
        Field("reach", Message("范围", "Reach"), required=True, choices=REACHES),
        Field("employment_type", Message("用工性质", "Employment type"), longest=40),
        Field("leading", Message("只计领导岗位", "Leading posts only"), Type.BOOLEAN),
        Field("seats", Message("人数", "Seats"), Type.INTEGER, required=True, minimum=0, maximum=1_000_000),
        _reference("document", "文件", "Document", "document", within=False),
        Field("note", Message("备注", "Note")),
    ),
    parents=("department",),
    scope="department",
)

APPROVAL_ROUTE = Kind(
    "approval_route",
    Message("审批流程", "Approval route"),
    (
        Field("name", Message("名称", "Name"), required=True, longest=200),
        _reference("organisation", "单位", "Organisation", "organisation"),
        _reference("department", "部门", "Department", "department"),
        Field("kinds", Message("适用类型", "Kinds"), Type.JSON),
        Field("steps", Message("各步", "Steps"), Type.JSON, required=True),
        Field("priority", Message("优先级", "Priority"), Type.INTEGER, minimum=-1_000, maximum=1_000),
    ),
    # A department that ends takes its routes along, or is refused: without it a route would be for all departments.
    parents=("department", "organisation"),
    backstage=True,  # it names users
)

CORE = Kinds(
    (
        ORGANISATION,
        DEPARTMENT,
        STANDARD_POSITION,
        POSITION,
        DUTY,
        EMPLOYEE,
        ASSIGNMENT,
        DOCUMENT,
        SYNONYM,
        QUOTA,
        APPROVAL_ROUTE,
    )
)
