"""The kinds of damage, what each is called to people, and the list in which they are collected."""

from collections.abc import Iterable

from dutybook.catalogue.document import Damage

KINDS: dict[str, tuple[str, str]] = {
    "missing_heading": ("缺标题 / heading missing", "取自另一份或留空 / taken from the other copy or left empty"),
    "duplicate_catalogue": (
        "整份重复印刷 / printed a second time",
        "只取一份,互相修补 / read once, each copy repairs the other",
    ),
    "truncated_copy": ("此份未印完 / this copy stops early", "其余取自另一份 / the rest is taken from the other copy"),
    "split_line": ("句中断行 / line broken in mid-sentence", "直接相连 / joined without a space"),
    "glued_duty": ("职责接在上文之后 / duty begins inside a line", "从编号处另起 / started at its number"),
    "glued_heading": ("标题接在上文之后 / heading glued to other text", "从标题处拆开 / split at the heading"),
    "glued_contents_entry": ("两条目录连成一行 / two contents entries on one line", "拆开 / split"),
    "heading_suffix_missing": (
        "标题缺“职责”字样 / heading without its suffix",
        "整行作岗位名 / the whole is the title",
    ),
    "heading_suffix_doubled": ("标题后缀重复 / heading suffix doubled", "去掉后缀 / suffix dropped"),
    "heading_suffix_short": ("标题后缀不全 / heading suffix shortened", "去掉后缀 / suffix dropped"),
    "number_style_mix": ("编号样式混用 / numbers in another style", "按顺序编号 / numbered in order"),
    "number_split": ("编号被断开 / number split", "合为一个编号 / read as one number"),
    "number_without_mark": ("编号后无标点 / no mark after the number", "仍作编号 / read as a number"),
    "lost_number": ("缺编号 / number lost", "按顺序编号 / numbered in order"),
    "duplicate_number": ("编号重复 / number used again", "按顺序重新编号 / numbered in order"),
    "numbering_gap": ("编号跳跃 / numbers skipped", "按顺序编号 / numbered in order"),
    "contents_body_mismatch": ("目录与正文不符 / contents and body differ", "以正文为准 / the body is right"),
    "unnumbered_paragraph": ("无编号段落 / paragraph without number", "作为岗位备注 / kept as the position's note"),
    "continuation_lines": (
        "无编号续行 / lines without number inside a duty",
        "并入该条,换行保留 / kept in the duty, one per line",
    ),
    "double_punctuation": ("标点重复 / punctuation doubled", "照原样保留 / kept as printed"),
    "final_punctuation_missing": ("缺句末标点 / no final punctuation", "照原样保留 / kept as printed"),
    "last_punctuation": ("末条未以句号结尾 / last duty does not end with a full stop", "照原样保留 / kept as printed"),
    "control_characters": ("控制字符 / control characters", "已去掉 / removed"),
    "running_line": ("重复的页眉页脚 / running header or footer", "略去 / left out"),
    "empty_position": ("岗位无职责 / position without duties", "保留岗位 / position kept"),
    "copies_differ": ("两份文字不同 / copies differ", "以第一份为准 / the first copy is kept"),
}


class Report:
    """Damages in the order they are met; the same kind at the same line counts once."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], Damage] = {}

    def add(self, line: int, kind: str, seen: str, repair: str = "") -> None:
        """Note a damage: what was seen is shown, shortened, after the kind's own sentence."""
        sentence, usual = KINDS[kind]
        shown = seen if len(seen) <= 40 else f"{seen[:20]}…{seen[-18:]}"
        self._found.setdefault((line, kind), Damage(line, kind, f"{sentence}:{shown}", repair or usual))

    def take(self, damages: Iterable[Damage], first: int, last: int) -> None:
        """Add damages met elsewhere that lie between two lines."""
        for damage in damages:
            if first <= damage.line <= last:
                self._found.setdefault((damage.line, damage.kind), damage)

    def has(self, line: int, kind: str) -> bool:
        """Whether such a damage is already known at the line."""
        return (line, kind) in self._found

    def drop(self, line: int, kind: str) -> None:
        """Take a damage back that a later pass explains otherwise."""
        self._found.pop((line, kind), None)

    def found(self) -> tuple[Damage, ...]:
        """All damages, by line."""
        return tuple(sorted(self._found.values(), key=lambda damage: (damage.line, damage.kind)))
