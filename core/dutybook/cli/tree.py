"""The commands of the core: where each is, and what the list of commands says of it.

A module is imported when its command is called: all of them together take longer than most commands do.
"""

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any, NamedTuple

import typer


class Listed(NamedTuple):
    """A command, or a group of commands, under its name."""

    place: str
    """`module:name` of a function, or of the Typer of a group."""
    help: str

    def loaded(self, name: str) -> Any:
        """The command itself."""
        found = resolve_name(f"dutybook.cli.{self.place}")
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.help = self.help
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(name, help=self.help)(found)
        return typer.main.get_command(alone)


TREE: Mapping[str, Listed] = {
    "serve": Listed("server:serve", "启动服务 / Serve the book."),
    "worker": Listed(
        "worker:worker", "投递事件、执行定时任务 / Deliver events and run jobs; any number share one database."
    ),
    "demo": Listed("demo:demo", "载入演示公司并启动服务 / Load the demo company and serve it."),
    "query": Listed("book:query", "执行一个 GraphQL 文档 / Run one GraphQL document and print the answer as JSON."),
    "verify-book": Listed(
        "book:verify_book", "校验哈希链和扫描件 / Check the chain of hashes, and the scans that documents name."
    ),
    "doctor": Listed("book:doctor", "检查安装 / Look whether everything is in place."),
    "generate": Listed(
        "generating:generate", "生成可重复的虚拟公司 / Make a synthetic company, the same for the same seed."
    ),
    "catalogue": Listed("catalogue:app", "职责目录 / Duty catalogues"),
    "changes": Listed("changes:app", "变更单 / Change sets"),
    "document": Listed("documents:app", "文件及其扫描件 / Documents and their scans"),
    "period": Listed("periods:app", "核算期 / Periods"),
    "staff": Listed("staff:app", "职工 / Employees"),
    "user": Listed("users:users", "用户与角色 / Users and their roles"),
    "token": Listed("users:tokens", "访问令牌 / Bearer tokens"),
    "db": Listed("data:database", "数据库 / The database"),
    "schema": Listed("contract:schema", "GraphQL 模式 / The GraphQL schema"),
    "plugin": Listed("plugins:app", "插件 / Plugins"),
}
