"""What the book itself keeps of costs, dated and by change set: centres, prices, quotas, liability, settings, weights."""

from dutybook.api import Field, Kind, Message, Type
from dutybook_cost.rules.crew import REDISTRIBUTED, SECTION
from dutybook_cost.rules.quota import ELECTROMECH, NONE, PRODUCTION, PROPORTIONAL, TABLE
from dutybook_cost.rules.saving import CAP, FLAG
from dutybook_cost.rules.saving import MATERIAL as OF_MATERIAL
from dutybook_cost.rules.saving import QUOTA as OF_QUOTA

SMALL, COMMON, LARGE = SIZES = {
    "SMALL": Message("小型配件", "small"),
    "COMMON": Message("常用配件", "common"),
    "LARGE": Message("大型配件", "large"),
}
VISIBLE, HIDDEN = VISIBILITIES = {"VISIBLE": Message("直观性", "visible"), "HIDDEN": Message("隐蔽性", "hidden")}
TEAMS = {PRODUCTION: Message("生产班", "production"), ELECTROMECH: Message("机电班", "electromechanical")}
ADJUSTMENTS = {
    NONE: Message("不调整", "none"),
    PROPORTIONAL: Message("按实际与计划产量之比", "by actual over planned output"),
    TABLE: Message("按调整表", "by the table"),
}
BELOW_MINIMUM = {
    CAP: Message("只计到最低消耗", "counts down to the least only"),
    FLAG: Message("仅作标记", "is only marked"),
}
HAZARD_BASES = {
    OF_QUOTA: Message("定额单价乘产量", "the quota's, times output"),
    OF_MATERIAL: Message("材料单价", "the material's"),
}
ODD_JOBS = {SECTION: Message("区队账户", "the section's account"), REDISTRIBUTED: Message("由其他人分摊", "the others")}

CENTRE = Kind(
    "cost_centre",
    Message("成本中心", "Cost centre"),
    (
        Field("name", Message("名称", "Name"), required=True, longest=100),
        Field("department", Message("部门", "Department"), Type.REFERENCE, target="department", required=True),
        Field("team", Message("班组性质", "Sort of team"), required=True, choices=TEAMS),
    ),
    coded="CC",
    parents=("department",),
    scope="department",
    plugin="cost",
)
MATERIAL = Kind(
    "cost_material",
    Message("材料", "Material"),
    (
        Field("name", Message("名称", "Name"), required=True, longest=100),
        Field("unit", Message("单位", "Unit"), required=True, longest=20),
        Field("size", Message("配件类别", "Size"), required=True, choices=SIZES),
        Field("visibility", Message("可见性", "Visibility"), required=True, choices=VISIBILITIES),
        Field("price", Message("单价（元）", "Unit price in yuan"), Type.DECIMAL, scale=4),
    ),
    coded="M",
    plugin="cost",
)
QUOTA = Kind(
    "cost_quota",
    Message("材料定额", "Quota"),
    (
        Field("material", Message("材料", "Material"), Type.REFERENCE, target="cost_material", required=True),
        Field(
            "centre",
            Message("成本中心；空为全单位", "Cost centre; all of them if empty"),
            Type.REFERENCE,
            target="cost_centre",
        ),
        Field("rate", Message("定额（元/单位产量）", "Yuan per unit of output"), Type.DECIMAL, required=True, scale=6),
        Field("per", Message("产量单位", "Unit of output"), required=True, longest=20),
        Field("reserve", Message("预控比例（%）", "Kept in reserve, %"), Type.DECIMAL, required=True),
        Field("production", Message("生产班份额（%）", "Share of production teams, %"), Type.DECIMAL, required=True),
        Field(
            "electromech",
            Message("机电班份额（%）", "Share of electromechanical teams, %"),
            Type.DECIMAL,
            required=True,
        ),
        Field("area", Message("无支出时分配的岗位", "Positions of its area"), Type.REFERENCES, target="position"),
    ),
    coded="Q",
    plugin="cost",
)
SHARE = Kind(
    "cost_share",
    Message("联责比例", "Liability share"),
    (
        Field("material", Message("材料", "Material"), Type.REFERENCE, target="cost_material", required=True),
        Field("position", Message("岗位", "Position"), Type.REFERENCE, target="position", required=True),
        Field("percent", Message("比例（%）", "Per cent"), Type.DECIMAL, required=True),
    ),
    scope="position",
    plugin="cost",
)
POLICY = Kind(
    "cost_policy",
    Message("成本核算设置", "Cost policy"),
    (
        Field("quota_adjustment", Message("定额随产量的调整", "Adjustment of quotas"), choices=ADJUSTMENTS),
        Field("adjustment_table", Message("调整表", "Table of adjustment"), Type.JSON),
        Field("below_minimum", Message("低于最低消耗的后果", "Consumption below the least"), choices=BELOW_MINIMUM),
        Field("hazard_base", Message("隐患扣款的单价", "Unit price of hazards"), choices=HAZARD_BASES),
        Field("reward_rate", Message("节支兑现比例", "Share of savings paid"), Type.DECIMAL, scale=4),
        Field("odd_jobs", Message("零活人员的资金来源", "Who pays odd jobs"), choices=ODD_JOBS),
        Field("stock_account", Message("材料科目", "Account of materials"), longest=40),
        Field("cost_account", Message("成本科目", "Account of costs"), longest=40),
        Field("wage_account", Message("应付职工薪酬科目", "Account of wages payable"), longest=40),
    ),
    coded="CP",
    plugin="cost",
)
WEIGHT = Kind(
    "cost_duty_weight",
    Message("职责的成本权重", "Cost weight of a duty"),
    (
        Field("duty", Message("职责", "Duty"), Type.REFERENCE, target="duty", required=True),
        Field("percent", Message("权重（%）", "Weight, %"), Type.DECIMAL, required=True),
    ),
    scope="duty",
    plugin="cost",
)
KINDS = (CENTRE, MATERIAL, QUOTA, SHARE, POLICY, WEIGHT)
