"""What the book itself keeps of a toll station: its lanes, and which special events are to be reported."""

from dutybook.api import Field, Kind, Message, Type

SPECIALS = {
    "U_TURN": Message("U行车", "U-turn"),
    "J_TURN": Message("J行车", "J-turn"),
    "NO_CARD": Message("无卡车", "no card"),
    "SWAPPED_CARD": Message("换卡车", "swapped card"),
    "DAMAGED_CARD": Message("卡损车", "damaged card"),
    "FORCED_PASSAGE": Message("闯关车", "forced passage"),
    "WRONG_AXLES": Message("轴判错误", "axles misjudged"),
    "EVASION": Message("逃费", "toll evaded"),
    "REFUSED_PAYMENT": Message("拒不交费", "payment refused"),
    "DISPUTE": Message("费额争议", "toll disputed"),
}
"""Every special event that a booth knows; all are recorded, a rule says which are also reported."""

DIRECTIONS = {"ENTRY": Message("入口", "entry"), "EXIT": Message("出口", "exit")}
MODES = {"ETC": Message("ETC", "ETC"), "MANUAL": Message("人工", "manual"), "MIXED": Message("混合", "mixed")}

LANE = Kind(
    "toll_lane",
    Message("收费车道", "Toll lane"),
    (
        Field("name", Message("名称", "Name"), required=True, longest=100),
        Field("department", Message("收费站", "Toll station"), Type.REFERENCE, target="department", required=True),
        Field("direction", Message("方向", "Direction"), required=True, choices=DIRECTIONS),
        Field("mode", Message("收费方式", "Mode"), required=True, choices=MODES),
    ),
    coded="L",
    parents=("department",),
    scope="department",
    plugin="toll",
)
RULE = Kind(
    "toll_event_rule",
    Message("特情规定", "Rule for special events"),
    (
        Field("event", Message("特情", "Special event"), required=True, choices=SPECIALS),
        Field("report", Message("须报监控室", "To be reported"), Type.BOOLEAN, required=True),
        Field("within_minutes", Message("时限（分钟）", "Within minutes"), Type.INTEGER, minimum=1, maximum=1440),
    ),
    coded="TR",
    plugin="toll",
)
