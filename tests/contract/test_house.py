"""The rules of the house hold in everything that is committed."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import dev

HOUSE = Path(__file__).parents[2]
TOP_FOLDERS = {".ci", "core", "plugins", "migrations", "schema", "deploy", "examples", "web", "tests"}
# A step of the database's schema is one long list that is never edited again.
MIGRATIONS = Path("migrations/dutybook_migrations/versions")
SOURCE_ROOTS = ("core", "plugins", "migrations")
READMES = ("README.md", "README.zh-CN.md")
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}
GLOSSARY = """
    Organisation Department Position Standard+position Duty Employee Assignment Incumbents Vacancy ChangeSet Revision
    Document Period Indicator Appraisal Cost+centre Cost+quota Pay+item Wage+run Payslip
    单位 公司 部门 岗位 标准岗位 职责 职工 任职 主岗 兼岗 代理 借调 在岗 空缺 超编 变更单 版次 文件 文号 核算期 指标 考核
    成本中心 定额 工资项目 工资批次 工资条 岗级 定员 编制 B角 职务 职称 技能等级
"""
# The brackets keep these patterns from finding themselves.
LEAKS = {
    "a package registry": r"python[h]osted|registry\.[n]pmjs|https?://\S+/[s]imple\b|https?://\S+/[-]/\S+\.tgz",
    "a path of somebody's machine": r"(?<![\w.:/-])/(?:[w]ork|[t]mp|[r]oot|[h]ome/\w+|[U]sers/\w+)/|[C]:\\+Users",
    "a private key": r"BEGIN [A-Z ]*PRIVATE [K]EY",
}


@cache
def committed() -> tuple[Path, ...]:
    """What git tracks, by its place in the house."""
    try:
        listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=HOUSE, text=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: there is no list of committed files")
    return tuple(Path(name) for name in listed.split("\0") if (HOUSE / name).is_file())


def modules() -> Iterator[tuple[Path, str]]:
    for path in committed():
        if path.suffix == ".py":
            yield path, (HOUSE / path).read_text(encoding="utf-8")


def written() -> Iterator[tuple[Path, str]]:
    """The modules that people go on reading and changing."""
    return ((path, text) for path, text in modules() if path.parent != MIGRATIONS)


def functions() -> Iterator[tuple[str, int]]:
    """The name and length of each function."""
    for path, text in written():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def read(name: str) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


def test_only_the_agreed_top_folders_exist() -> None:
    assert {path.parts[0] for path in committed() if len(path.parts) > 1} <= TOP_FOLDERS


def test_only_dev_is_a_module_of_the_top_folder() -> None:
    assert [path.name for path, _ in modules() if len(path.parts) == 1] == ["dev.py"]


def test_every_top_folder_says_what_is_in_it() -> None:
    folders = {path.parts[0] for path in committed() if len(path.parts) > 1} - {".ci"}
    assert [folder for folder in folders if Path(folder, "README.md") not in committed()] == []


def test_source_roots_are_no_packages() -> None:
    assert [root for root in SOURCE_ROOTS if Path(root, "__init__.py") in committed()] == []


def test_no_module_has_a_vague_name() -> None:
    assert [path for path, _ in modules() if VAGUE & {path.stem, *path.parts}] == []


def test_no_module_is_over_400_lines() -> None:
    assert [path for path, text in written() if len(text.splitlines()) > 400] == []


def test_no_function_is_over_60_lines() -> None:
    assert [name for name, lines in functions() if lines > 60] == []


def test_every_module_opens_with_one_line_that_says_what_it_is() -> None:
    silent = [path for path, text in modules() if not ast.get_docstring(ast.parse(text))]
    assert silent == []


@pytest.mark.parametrize("what", LEAKS)
def test_no_committed_file_names(what: str) -> None:
    pattern = re.compile(LEAKS[what])
    texts = ((path, (HOUSE / path).read_bytes().decode("utf-8", "replace")) for path in committed())
    assert [path for path, text in texts if pattern.search(text)] == []


@pytest.mark.parametrize("readme", READMES)
def test_both_readmes_explain_every_word(readme: str) -> None:
    words = [word.replace("+", " ") for word in GLOSSARY.split()]
    rows = "\n".join(re.findall(r"^\|.*\|$|^.*职务.*$", read(readme), re.MULTILINE))
    assert [word for word in words if word not in rows] == []


@pytest.mark.parametrize("readme", READMES)
def test_commands_in_the_readmes_exist(readme: str) -> None:
    named = set(re.findall(r"python3 dev\.py (\w+)", read(readme)))
    assert {"demo", "test"} <= named <= set(dev.COMMANDS)


def test_the_help_of_dev_names_its_commands() -> None:
    assert set(re.findall(r"python3 dev\.py (\w+)", dev.__doc__ or "")) == set(dev.COMMANDS)


def test_dev_without_a_command_says_how_it_is_used() -> None:
    asked = subprocess.run([sys.executable, HOUSE / "dev.py"], check=False, capture_output=True, text=True)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "python3 dev.py demo" in asked.stderr


def test_dev_imports_the_standard_library_only() -> None:
    imports = [node for node in ast.walk(ast.parse(read("dev.py"))) if isinstance(node, ast.Import | ast.ImportFrom)]
    named = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names


def test_every_link_in_a_readme_leads_somewhere() -> None:
    dead = [
        f"{path}: {link}"
        for path in committed()
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(str(path)))
        if not (HOUSE / path.parent / link).exists()
    ]
    assert dead == []


def test_make_help_lists_every_target() -> None:
    listed = subprocess.check_output(["make", "help"], cwd=HOUSE, text=True)
    targets = re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE)
    assert [target for target in targets if f"make {target} " not in listed] == []


def test_the_order_of_layers_is_a_contract_that_leaves_nothing_out() -> None:
    [contract] = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    assert (contract["type"], contract["exhaustive"]) == ("layers", True)
    assert "ignore_imports" not in contract


def test_the_map_of_the_core_names_every_layer() -> None:
    [contract] = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = {name for line in contract["layers"] for name in re.findall(r"\w+", line)}
    assert layers == set(re.findall(r"`([a-z]\w*)(?:/|\.py)`", read("core/README.md").split("Each layer")[0]))
