"""What is asked: four documents of a portal, each with the variables that it is asked with in turn."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

TIME = "$asOf: Date, $knownAt: Int"
AT = "registry(asOf: $asOf, knownAt: $knownAt)"
DOCUMENTS = {
    "W1": f"""query W1({TIME}) {{ {AT} {{ asOf revision departments {{
        code name positions {{ key code title ordinal duties {{ key ordinal text }} }} }} }} }}""",
    "W2": f"""query W2({TIME}, $code: String!) {{ {AT} {{ asOf revision department(code: $code) {{
        code name positions {{ key code title grade headcount duties {{ key ordinal text }} }} }} }} }}""",
    "W3": f"""query W3({TIME}, $code: String!) {{ {AT} {{ asOf revision position(code: $code) {{
        key code title grade headcount duties {{ key ordinal text }}
        department {{ code name ancestors {{ code name }} }} }} }} }}""",
    "W4": f"""query W4({TIME}, $word: String!) {{ {AT} {{ asOf revision positions(filter: {{title: $word}}, first: 50) {{
        edges {{ node {{ key code title grade department {{ code name }} dutyCount }} }}
        pageInfo {{ hasNextPage endCursor }} }} }} }}""",
    "W5": f"""query W5({TIME}, $word: String!) {{ {AT} {{ asOf revision duties(search: $word, first: 20) {{
        edges {{ node {{ key text involvement position {{ key title }} }} }}
        pageInfo {{ hasNextPage endCursor }} }} }} }}""",
}
MEANING = {
    "W1": "all departments, positions, duties (small)",
    "W2": "one department, positions, duties (big)",
    "W3": "one position, duties, department, ancestors (big)",
    "W4": "50 positions by title, department, duty count (big)",
}


class Workload(NamedTuple):
    """One document with all that it is asked with."""

    name: str
    variables: Sequence[Mapping[str, Any]]

    def bodies(self) -> list[bytes]:
        """The requests, to be sent in turn."""
        said = {"operationName": self.name, "query": " ".join(DOCUMENTS[self.name].split())}
        return [orjson.dumps({**said, "variables": variables}) for variables in self.variables]
