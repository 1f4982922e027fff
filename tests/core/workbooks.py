"""Small XLSX files, written by hand: text, numbers and days in cells, as office programs write them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

Cell = str | int | float | bool | date | None
EPOCH = date(1899, 12, 30)
TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"""
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """A workbook with these sheets."""
    return packed({name: _sheet(rows) for name, rows in sheets.items()})


def packed(sheets: Mapping[str, str]) -> bytes:
    """A workbook with these sheets as XML."""
    numbers = range(1, len(sheets) + 1)
    names = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"/>' for i, n in zip(numbers, sheets, strict=True))
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in numbers
    )
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}'
        f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }
    parts |= {f"xl/worksheets/sheet{i}.xml": text for i, text in zip(numbers, sheets.values(), strict=True)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return out.getvalue()


def sheet(cells: str) -> str:
    """A sheet with these cells as XML."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'


def placed(rows: Sequence[Sequence[str | float | None]], *merged: str) -> bytes:
    """A workbook whose cells have addresses, some of them merged; text that begins with # is the error of a formula."""
    lines = "".join(f'<row r="{at}">{_placed(at, row)}</row>' for at, row in enumerate(rows, start=1))
    areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    xml = f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData><mergeCells>{areas}</mergeCells></worksheet>'
    return packed({"名册": xml})


def _placed(at: int, row: Sequence[str | float | None]) -> str:
    told = ((f'<c r="{chr(65 + place)}{at}"', cell) for place, cell in enumerate(row) if cell is not None)
    return "".join(
        f'{cell} s="0" t="e"><f>VLOOKUP(A1,B:C,2,0)</f><v>{value}</v></c>'
        if isinstance(value, str) and value.startswith("#")
        else _cell(value).replace("<c", cell, 1)
        for cell, value in told
    )


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    return sheet("".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows))


def _cell(value: Cell) -> str:
    match value:
        case None:
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{int(value)}</v></c>'
        case date():
            return f'<c s="1"><v>{(value - EPOCH).days}</v></c>'
        case int() | float():
            return f"<c><v>{value}</v></c>"
        case _:
            return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
