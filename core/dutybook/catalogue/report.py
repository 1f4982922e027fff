"""A reading as the JSON of `dutybook catalogue read --json`."""

from typing import Any

from dutybook.catalogue.document import Catalogue, Category, Department, Position, Reading


def reading_json(reading: Reading) -> dict[str, Any]:
    """The reading in the form that portals and scripts rely on."""
    return {
        "file": reading.file,
        "encoding": reading.encoding,
        "catalogues": [_catalogue(catalogue) for catalogue in reading.catalogues],
        "skipped": [{"span": list(skipped.span), "reason": skipped.reason} for skipped in reading.skipped],
    }


def _catalogue(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "span": list(catalogue.span),
        "organisation": catalogue.organisation,
        "categories": [_category(category) for category in catalogue.categories],
        "duplicates": [
            {
                "of": twin.of,
                "lines": list(twin.lines),
                "same_duties": twin.same_duties,
                "other_duties": twin.other_duties,
            }
            for twin in catalogue.duplicates
        ],
        "warnings": [
            {"line": damage.line, "kind": damage.kind, "message": damage.message, "repair": damage.repair}
            for damage in catalogue.warnings
        ],
    }


def _category(category: Category) -> dict[str, Any]:
    return {"name": category.name, "departments": [_department(department) for department in category.departments]}


def _department(department: Department) -> dict[str, Any]:
    return {"name": department.name, "positions": [_position(position) for position in department.positions]}


def _position(position: Position) -> dict[str, Any]:
    return {
        "title": position.title,
        "printed_heading": position.printed_heading,
        "note": position.note,
        "lines": list(position.lines),
        "duties": [
            {"no": duty.no, "printed_no": duty.printed_no, "text": duty.text, "lines": list(duty.lines)}
            for duty in position.duties
        ],
        "sections": [
            {"name": section.name, "text": section.text, "lines": list(section.lines)} for section in position.sections
        ],
    }
