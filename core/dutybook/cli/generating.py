"""`dutybook generate`: synthetic companies."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dutybook.cli.context import failures_told
from dutybook.demo import generate as synthetic
from dutybook.errors import BadInput

Departments = Annotated[int, typer.Option(min=0, help="部门数 / Departments")]
Positions = Annotated[int, typer.Option(min=0, help="岗位数 / Positions")]
Duties = Annotated[int, typer.Option(min=0, help="职责数 / Duties")]
Employees = Annotated[int, typer.Option(min=0, help="职工数 / Employees")]
Seed = Annotated[int, typer.Option(help="种子，同种子同公司 / The same seed gives the same company")]


def generate(
    departments: Departments = 20,
    positions: Positions = 100,
    duties: Duties = 800,
    employees: Employees = 300,
    seed: Seed = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            help="文件；.txt 为名录，.csv 为职工表，其余为 JSON 行 / .txt: a catalogue; .csv: the staff; else JSON lines"
        ),
    ] = None,
) -> None:
    """生成可重复的虚拟公司 / Make a synthetic company, the same for the same seed."""
    with failures_told():
        company = synthetic.generate(departments, positions, duties, employees, seed)
        if out is None:
            synthetic.write(company, sys.stdout, ".json")
            return
        try:
            with out.open("w", encoding="utf-8", newline="\n") as file:
                synthetic.write(company, file, out.suffix)
        except OSError as reason:
            raise BadInput(f"无法写入「{out}」：{reason}。", f"'{out}' cannot be written: {reason}.") from reason
