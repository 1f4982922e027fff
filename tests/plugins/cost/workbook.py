"""The least that an XLSX is made of: sheets of texts and numbers."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def write(file: Path, sheets: Mapping[str, Sequence[Sequence[str | float]]]) -> None:
    """Writes a workbook."""
    names = list(enumerate(sheets, start=1))
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}"/>' for at, name in names)
    leading = "".join(
        f'<Relationship Id="r{at}" Type="{DOCUMENT}/worksheet" Target="worksheets/s{at}.xml"/>' for at, _ in names
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/s{at}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for at, _ in names
    )
    book = 'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"'
    rels = 'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"'
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default {rels}/><Override {book}/>{parts}</Types>',
        )
        first = f'<Relationship Id="r" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{first}</Relationships>')
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{leading}</Relationships>'
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{listed}</sheets></workbook>'
        )
        for at, name in names:
            rows = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in sheets[name])
            archive.writestr(
                f"xl/worksheets/s{at}.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            )


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"
