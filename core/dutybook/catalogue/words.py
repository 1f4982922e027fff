"""What headings are made of: suffixes, words that end titles and departments, labels, verbs that open duties."""

import re
from typing import NamedTuple

_CORE = (
    r"(?:(?:岗位|职位|职务)(?:主要|基本|具体)?(?:工作)?|(?:主要|基本|具体)?工作|主要|基本|具体|日常工作)?"
    r"(?:职责(?:范围|说明书?|描述|内容|要求|规定|细则|制度|规范|分工)?|责任制度?)"
    r"|(?:岗位|职位|职务)(?:工作)?(?:责任书?|说明书?|描述|规范|职能|任务|内容)|工作(?:说明书?|任务|内容|责任)"
)
_DOUBLED = rf"(?:岗位|职责|(?:{_CORE}))*"
_SUFFIX = re.compile(rf"(?P<title>.+?)(?P<suffix>(?:{_DOUBLED})(?:{_CORE}))$")
_PLAIN_SUFFIX = re.compile(rf"(?:{_CORE})")
SUFFIX_ENDS = (
    "职责",
    "责任制",
    "说明书",
    "责任",
    "说明",
    "描述",
    "任务",
    "内容",
    "范围",
    "规范",
    "职能",
    "制度",
    "要求",
    "细则",
    "规定",
    "分工",
)
_TRIM = " \t\u3000\xa0:：*_"
_WRAPPED = re.compile(r"[《【〈「\[［](?P<inner>[^》】〉」\]]+)[》】〉」\]]$")
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff)）])[ \t\u3000\xa0]+(?=[\u4e00-\u9fff(（])")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")

TERMINAL = "。;；!?！？"
CLOSERS = "”’」』》)）】\"'"
_NO_NAME = re.compile(r"[。;；!?！？,，:：]|\d、|^[、.)\]）”%]")

_POSITION_ENDS = re.compile(
    r"(?:主任|经理|总监|主管|员|师|专责|专员|助理|秘书|会计|出纳|代表|顾问|司机|保安|门卫|更夫|书记|主席|干事|岗|岗位|负责人|总务"
    r"|文员|内勤|外勤|厨师|保管|法务|前台|导师|医生|护士|监理|领班|主办|翻译|客服|文秘|编辑|记者|老师|校医|委员|干部|组长|技工"
    r"|[所站场班队部科处院校厂店局段股区镇乡村行社馆园台级值组事董务士船机车舱户县市长]长|厂长|首席|总裁|会长|理事|监事|董事"
    r"|(?<![加施完开竣分手职员人])工|(?<!\w{3})总|[a-zA-Z])[0-9０-９一二三四五甲乙丙ABCabcⅠⅡⅢ]?$"
)
_DEPARTMENT_ENDS = re.compile(
    r"(?:部|部门|科|科室|处|处室|室|所|站|中心|队|车间|班|班组|组|工区|公司|局|厂|分厂|院|办|办公室|委员会|库|仓库|事业部|段|股|学院|系"
    r"|项目部|基地|食堂|片区|分局|支行|网点|门店|商场|超市|酒店|餐厅|车队|药房|诊所|工会|团委|党委|党办|纪委|财务|机关|经营层|领导班子|领导)$"
)
_CATEGORY_ENDS = re.compile(
    r"(?:类|系统|序列|系列|条线|板块|层|体系|岗位群|族|职系|职类|部门类|大类|直属单位|职能部门|业务部门|管理部门|生产部门|二级单位|单位|部门|管理岗位|人员)$"
)
_TITLE_ENDS = re.compile(
    r"(?:汇编|大全|范本|手册|一览表?|汇总|目录|清单|范文|(?:管理|责任)?制度|文件|模板|合集|集锦|精选|方案|办法|条例|规程)(?:[(（].*[)）])?$"
)
_ORGANISATION = re.compile(r"(?:公司|集团|医院|学校|大学|银行|酒店|局|厂|院|委员会|协会|研究所|中学|小学|事务所)$")

_VERBS = re.compile(
    r"负责|完成|组织|协助|参与|参加|制[定订]|编[制写]|拟[定订]|落实|贯彻|执行|严格|认真|[做搞抓]好|督促|检查|配合|协调|审[核批查]"
    r"|收集|整理|建立|健全|履行|明确|遵守|承担|主持|定期|及时|按时|按照|按|根据|依据|对|确保|保证|保持|加强|开展|积极|熟悉|掌握|了解|提[出高供]"
    r"|接受|服从|办理|汇[总报]|维护|树立|爱护|推[进动]|坚持|牵头|起草|传达|全面|在|为|将|与|以|并|使|不|要|应|须|每|凡|主抓|主要负责|其他|其它|领导交办|上级"
)

_DUTY_VERBS = re.compile(
    r"负责|组织|协助|参[与加]|制[定订]|编[制写]|拟[定订]|落实|贯彻|执行|严格|认真|[做搞抓]好|督促|检查|配合|协调|审[核批查]|收集|整理|建立|健全|履行|遵守"
    r"|承担|主持|定期|确保|保证|加强|开展|熟悉|掌握|服从|办理|汇[总报]|维护|树立|推[进动]|坚持|牵头|起草"
)

_DUTY_LABEL = re.compile(rf"(?:本?(?:岗位)?(?:{_CORE})|职能|岗位)(?:如下|包括|为)?$")
_SECTIONS = re.compile(
    r"(?:本?(?:岗位|职位|职务|工作|任职|职责|主要|基本|管理|业务|上岗)*)"
    r"(?:资格|条件|任职要求|任职资格要求|上岗条件|权限|权力|职权|权利|标准|关系|目的|目标|概述|概要|概况|综述|摘要|环境|要求|使命|考核(?:指标|标准|办法|内容|要求)?"
    r"|绩效(?:指标|标准)|流程|程序|技能要求|知识要求|能力要求|教育背景|学历要求|经验要求|工作经验|身体条件|职业资格|工作时间|工作地点|素质要求|关键业绩指标|KPI|协作关系|汇报关系|隶属关系|上下级关系|晋升通道|风险点|设备工具)$"
)
_SECTION_KEYS = re.compile(
    r"(?:直接上级|直接下级|直属上级|直属下级|上级岗位|下级岗位|上级|下级|汇报对象|汇报上级|岗位编号|职位编号|岗位编码|编制|定员|薪资等级|岗位等级|职级|岗级|职等|工作地点|工作时间|管辖人数|下属人数|学历|专业|年龄|性别|经验|技能|编制日期|批准日期|岗位性质|岗位类别|内部协调关系|外部协调关系)$"
)
_KEYED = re.compile(r"([^:：]{2,12})[:：]\s*(\S.*)$")
_BOXED = re.compile(r"[【\[［]([^】\]］]{2,12})[】\]］]\s*(\S.*)$")
_TITLE_KEYS = re.compile(r"(?:岗位|职位|职务|工作岗位)(?:名称)?$")
_DEPARTMENT_KEYS = re.compile(r"(?:所属|所在|隶属|任职)?(?:部门|科室|单位)(?:名称)?$")


class Heading(NamedTuple):
    """A heading taken apart: its title and the suffix as printed (`岗位职责`, `职责职责`, or nothing)."""

    title: str
    suffix: str

    @property
    def doubled(self) -> bool:
        """Whether the suffix says the same twice."""
        return bool(self.suffix) and _PLAIN_SUFFIX.fullmatch(self.suffix) is None


def heading_of(text: str) -> Heading:
    """Title and suffix of a line that may be a heading."""
    text = tidy(text)
    found = _SUFFIX.fullmatch(text) if text.endswith(SUFFIX_ENDS) else None
    if found is None:
        return Heading(text, "")
    title, suffix = found["title"].rstrip(_TRIM), found["suffix"]
    for modifier in ("安全生产", "安全"):
        shorter = title.removesuffix(modifier)
        if shorter != title and suffix == "职责" and is_position(shorter):
            return Heading(shorter, modifier + suffix)
    if title.endswith("的"):
        title = title[:-1] if is_position(title[:-1]) else title
    return Heading(title, suffix)


def tidy(text: str) -> str:
    """A heading without wrapping brackets, emphasis, closing colon and spaces between its characters."""
    text = text.strip(_TRIM)
    if wrapped := _WRAPPED.match(text):
        text = wrapped["inner"].strip(_TRIM)
    return _SPACED.sub("", text)


def is_name(text: str) -> bool:
    """Whether a text could be a title or the name of a unit: short, no sentence, no enumeration, no verb in front."""
    return 2 <= len(text) <= 30 and _NO_NAME.search(text) is None and _VERBS.match(text) is None


def is_position(text: str) -> bool:
    """Whether a name ends as titles do."""
    return _POSITION_ENDS.search(_BRACKETS.sub("", text)) is not None


def is_department(text: str) -> bool:
    """Whether a name ends as names of units do."""
    return _DEPARTMENT_ENDS.search(_BRACKETS.sub("", text)) is not None


def is_category(text: str) -> bool:
    """Whether a name ends as names of groups of units do."""
    return _CATEGORY_ENDS.search(_BRACKETS.sub("", text)) is not None


def is_organisation(text: str) -> bool:
    """Whether a name ends as names of whole organisations do."""
    return _ORGANISATION.search(_BRACKETS.sub("", text)) is not None


def is_heading_like(text: str) -> bool:
    """Whether a line ends as headings do: with a suffix, or as titles and names of units do."""
    return text.endswith(SUFFIX_ENDS) or is_position(text) or is_department(text) or is_category(text)


def is_document_title(text: str) -> bool:
    """Whether a line names the whole document."""
    return _TITLE_ENDS.search(text) is not None


def opens_with_verb(text: str) -> bool:
    """Whether a text begins as duties do."""
    return _DUTY_VERBS.match(text) is not None


def is_duty_label(text: str) -> bool:
    """Whether a line only announces duties."""
    return len(text) <= 14 and _DUTY_LABEL.match(tidy(text)) is not None


def is_section_label(text: str) -> bool:
    """Whether a line only announces something else than duties."""
    text = tidy(text)
    return 2 <= len(text) <= 12 and (_SECTIONS.match(text) or _SECTION_KEYS.match(text)) is not None


def key_and_content(text: str) -> tuple[str, str] | None:
    """`直接上级:总经理` taken apart, if the key is a known one."""
    found = _KEYED.match(text) or _BOXED.match(text)
    if found is None:
        return None
    key = tidy(found[1])
    known = _TITLE_KEYS.match(key) or _DEPARTMENT_KEYS.match(key) or is_section_label(key) or is_duty_label(key)
    return (key, found[2].strip()) if known else None


def is_title_key(key: str) -> bool:
    """Whether what follows the key is the position's title."""
    return _TITLE_KEYS.match(key) is not None


def is_department_key(key: str) -> bool:
    """Whether what follows the key is the department's name."""
    return _DEPARTMENT_KEYS.match(key) is not None


def ends_sentence(text: str) -> bool:
    """Whether a text ends with final punctuation, closing quotes and brackets aside."""
    return text.rstrip(CLOSERS)[-1:] in TERMINAL_SET if text else False


TERMINAL_SET = frozenset(TERMINAL)
