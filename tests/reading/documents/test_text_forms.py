"""Markdown, text, HTML, LaTeX, Typst and RTF are blocks as a person sees them, each on its exact bytes.

Samples follow CommonMark 0.31, the HTML standard, the LaTeX and Typst references and the RTF specification 1.9.1.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.reading import Source
from rca.reading.documents.blocks import BlockKind, DocumentKind, document_kind, open_document

H, P, I, R = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW

MARKDOWN = """# Lägesmöte

Datum: 2024-11-12
**Närvarande:** driftchef,
chefläkare

Beslut
------

1. Starta om
   systemet
2. Larma
   - akuten
   - röntgen

| Tid | Händelse |
|-----|----------|
| 05.30 | stopp |

> citat av *leverantören*

```
05:31:02 ERROR log-in
```
<!-- göms -->
**Helt i fetstil**
"""


def opened(text, name="x", encoding="utf-8"):
    source = Source.of_bytes(text if isinstance(text, bytes) else text.encode(encoding), name=name)
    document = open_document(source)
    for block in document.blocks:
        document.as_event(block)
    document.close()
    assert source.ledger.close(source.total, unit=source.unit).balanced
    return document


def told(document):
    return [(block.kind, block.text) for block in document.blocks]


def test_markdown_is_told_by_its_blocks():
    assert told(opened(MARKDOWN)) == [
        (H, "Lägesmöte"),
        (P, "Datum: 2024-11-12"),
        (P, "Närvarande: driftchef, chefläkare"),
        (H, "Beslut"),
        (I, "1. Starta om systemet"),
        (I, "2. Larma"),
        (I, "akuten"),
        (I, "röntgen"),
        (R, "Tid | Händelse"),
        (R, "05.30 | stopp"),
        (P, "citat av leverantören"),
        (P, "05:31:02 ERROR log-in"),
        (P, "Helt i fetstil"),
    ]


def test_levels_cells_and_bold_of_markdown_are_told():
    document = opened(MARKDOWN)
    assert [block.level for block in document.blocks if block.kind in (H, I)] == [1, 2, 1, 1, 2, 2]
    assert [(block.cells, block.level) for block in document.blocks if block.kind is R] == [
        (("Tid", "Händelse"), 1),
        (("05.30", "stopp"), 0),
    ]
    assert [block.text for block in document.blocks if block.is_strong] == ["Helt i fetstil"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_blocks_lie_on_their_exact_bytes_in_every_encoding(encoding, newline):
    data = MARKDOWN.replace("\n", newline).encode(encoding)
    document = opened(data)
    assert document.kind is DocumentKind.MARKDOWN
    plain = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    for block in document.blocks:
        raw = data[block.place.start : block.place.start + block.place.length].decode(plain)
        assert block.text.split()[-1] in raw.replace("*", "")
        assert block.place.locator.startswith(f"L{block.place.line}")


def test_front_matter_is_properties_and_text():
    document = opened("---\ntitle: Rapport\ndate: 2024-11-12\n---\n\n# Rubrik\n")
    assert document.properties == {"title": "Rapport", "date": "2024-11-12"}
    assert told(document) == [(P, "title: Rapport"), (P, "date: 2024-11-12"), (H, "Rubrik")]


def test_plain_text_joins_what_was_wrapped_and_keeps_labels_apart():
    text = (
        "PROTOKOLL\n"
        "Datum: 2024-11-12\n"
        "Plats: Sal A\n"
        "\n"
        "§ 12 Driftläget\n"
        "Driftchefen berättar att inloggningen inte svarade under natten och att\n"
        "akuten gick över till papper. Felsökningen pågår tillsammans med dem som\n"
        "levererade systemet.\n"
        "- larma\n"
        "  i tid\n"
        "- skriv upp\n"
        "==========\n"
        "slut\n"
    )
    document = opened(text)
    assert document.kind is DocumentKind.TEXT
    assert told(document) == [
        (H, "PROTOKOLL"),
        (P, "Datum: 2024-11-12"),
        (P, "Plats: Sal A"),
        (H, "§ 12 Driftläget"),
        (
            P,
            "Driftchefen berättar att inloggningen inte svarade under natten och att akuten gick över till papper. Felsökningen pågår tillsammans med dem som levererade systemet.",
        ),
        (I, "larma i tid"),
        (I, "skriv upp"),
        (P, "slut"),
    ]


PAGE = """<!DOCTYPE html>
<html><head><title>Rapport &amp; plan</title><script>document.write("<p>aldrig</p>")</script>
<style>p { color: red }</style><meta property="article:published_time" content="2024-11-12T08:00:00+01:00"></head>
<body><h2>Avbrott</h2><p>Den 12 november <b>2024</b><br>kl. 05.30 &ndash; stopp</p>
<ul><li>ett</li><li>två<ul><li>djup</li></ul></li></ul>
<table><tr><th>Roll</th><th>Svar</th></tr><tr><td>Chef</td><td><p>ja</p><p>sen nej</p></td></tr></table>
<table><tr><td><h3>Kolumn</h3></td><td>sidofält</td></tr></table>
<p><strong>Beslut</strong></p><template><p>aldrig</p></template><!-- <p>aldrig</p> -->oavslutat"""


def test_a_page_is_told_as_a_person_sees_it_and_scripts_are_never_shown():
    document = opened(PAGE)
    assert document.kind is DocumentKind.HTML
    assert told(document) == [
        (H, "Avbrott"),
        (P, "Den 12 november 2024"),
        (P, "kl. 05.30 – stopp"),
        (I, "ett"),
        (I, "två"),
        (I, "djup"),
        (R, "Roll | Svar"),
        (R, "Chef | ja sen nej"),
        (H, "Kolumn"),
        (P, "sidofält"),
        (P, "Beslut"),
        (P, "oavslutat"),
    ]
    assert [block.cells for block in document.blocks if block.kind is R][1] == ("Chef", "ja\nsen nej")
    assert document.properties == {"title": "Rapport & plan", "created": "2024-11-12T08:00:00+01:00"}
    assert [block.text for block in document.blocks if block.is_strong] == ["Beslut"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_the_blocks_of_a_page_lie_on_their_exact_bytes(encoding):
    data = PAGE.encode(encoding, "xmlcharrefreplace")
    plain = "utf-16-le" if encoding == "utf-16" else encoding
    for block in opened(data).blocks:
        raw = data[block.place.start : block.place.start + block.place.length].decode(plain)
        assert raw.startswith(block.text.split()[0])
        assert not raw.endswith("<")


def test_a_page_that_declares_its_code_page_is_read_in_it():
    page = '<html><head><meta charset="iso-8859-15"></head><body><p>Kostnad 5 € på läkemedel å ä ö</p></body></html>'
    assert told(opened(page.encode("iso-8859-15"))) == [(P, "Kostnad 5 € på läkemedel å ä ö")]


TEX = r"""\documentclass{article} % kommentar
\title{Styrelsemöte}
\date{2024-11-12}
\begin{document}
\maketitle
\textbf{Tid:} 15:00\\
\textbf{Plats:} Sal~A
\section{Öppnande}
Mötet \"oppnas av ordf\"orande, se \href{https://x.example}{dnr 4} och
5~\S\ samt 100\,\% av \emph{alla}.

\begin{beslut}
  \item Att starta om.
  \begin{itemize}
    \item[A] delvis
  \end{itemize}
\end{beslut}
\medlem[Chef]{Roll A}{Ja}
\begin{tabular}{ll}
Tid & Händelse \\ \hline
05.30 & stopp \\
\end{tabular}
\end{document}
Efteråt syns inget.
"""


def test_a_latex_source_is_told_as_it_would_be_set():
    document = opened(TEX)
    assert document.kind is DocumentKind.TEX
    assert told(document) == [
        (H, "Styrelsemöte"),
        (P, "date: 2024-11-12"),
        (P, "Tid: 15:00"),
        (P, "Plats: Sal A"),
        (H, "Öppnande"),
        (P, "Mötet öppnas av ordförande, se dnr 4 och 5 § samt 100 % av alla."),
        (P, "Beslut:"),
        (I, "Att starta om."),
        (I, "A: delvis"),
        (R, "Chef | Roll A | Ja"),
        (R, "Tid | Händelse"),
        (R, "05.30 | stopp"),
    ]


TYPST = """#import "mall.typ": protokoll
#let tid = "17:38"
#show: protokoll.with(
  title: "Styrelsemöte",
  date: datetime(year: 2024, month: 11, day: 12),
  stämma: true,
)
= Öppnande // dold
Mötet öppnades *av ordföranden* #tid
i sal A. /* även
dold */
== Beslut <b1>
#attSatser(
  [ systemet startas om ],
  [ _akuten_ larmas ],
)
#närvarande(
  [Chef], [Ja],
)
- punkt
+ nästa
"""


def test_a_typst_source_is_told_as_it_would_be_set():
    document = opened(TYPST)
    assert document.kind is DocumentKind.TYPST
    assert told(document) == [
        (P, "title: Styrelsemöte"),
        (P, "date: 2024-11-12"),
        (H, "Öppnande"),
        (P, "Mötet öppnades av ordföranden 17:38 i sal A."),
        (H, "Beslut"),
        (P, "Att satser:"),
        (I, "systemet startas om"),
        (I, "akuten larmas"),
        (P, "Närvarande:"),
        (R, "Chef | Ja"),
        (I, "punkt"),
        (I, "nästa"),
    ]
    assert document.properties["date"] == "2024-11-12"


RTF = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\*\revtbl{Unknown;}{Driftchefen;}}"
    r"{\info{\title Rapport}{\creatim\yr2024\mo11\dy12\hr5\min30}}{\header Sjukhuset\par}"
    r"\pard\outlinelevel0\b Avbrottet\b0\par\pard Den 12 november 2024 v\'e5rden \u8364?\line ny rad\par "
    r"kvar {\revised\revauth1\revdttm121330270 nytt}{\deleted\revauth1\revdttm121330270 gammalt}\par"
    r"{\*\atnauthor Chefen}{\annotation Ej provat}\pard{\listtext 1.\tab}punkt\par"
    r"\trowd\pard\intbl Roll\cell Svar\cell\row\pard slut{\*\hemlig aldrig}\par}"
)


def test_an_rtf_document_is_told_with_its_changes():
    document = opened(RTF)
    assert document.kind is DocumentKind.RTF
    assert told(document) == [
        (H, "Avbrottet"),
        (P, "Den 12 november 2024 vården €"),
        (P, "ny rad"),
        (P, "kvar nytt"),
        (BlockKind.INSERTED, "nytt"),
        (BlockKind.DELETED, "gammalt"),
        (I, "1. punkt"),
        (BlockKind.COMMENT, "Ej provat"),
        (R, "Roll | Svar"),
        (P, "slut"),
        (BlockKind.HEADER, "Sjukhuset"),
    ]
    assert document.properties == {"title": "Rapport", "created": "2024-11-12T05:30"}
    assert [(b.author, b.stamp) for b in document.blocks if b.kind is BlockKind.INSERTED] == [
        ("Driftchefen", "2015-11-11T09:30")
    ]


SAMPLES = [MARKDOWN, PAGE, TEX, TYPST, RTF, "§ 1 Öppnande\nText\n- punkt\n"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_form_is_told_by_content(sample):
    kinds = [
        DocumentKind.MARKDOWN,
        DocumentKind.HTML,
        DocumentKind.TEX,
        DocumentKind.TYPST,
        DocumentKind.RTF,
        DocumentKind.TEXT,
    ]
    found = document_kind(Source.of_bytes(sample.encode(), name="x").sample)
    assert found is kinds[SAMPLES.index(sample)]


def test_numbers_and_shell_comments_in_code_make_no_markdown():
    text = "Så här:\n```\n# starta om\nsystemctl restart\n```\n"
    assert document_kind(Source.of_bytes(text.encode()).sample) is DocumentKind.TEXT


@settings(max_examples=120, deadline=None)
@given(
    sample=st.sampled_from(SAMPLES),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16-le"]),
    cut=st.integers(0, 3000),
    flips=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=6),
)
def test_damaged_text_never_raises_and_its_books_balance(sample, encoding, cut, flips):
    data = bytearray(sample.encode(encoding, "replace"))
    for at, value in flips:
        data[at % len(data)] = value
    opened(bytes(data[: len(data) - cut % len(data)]))


@pytest.mark.parametrize(
    "hostile",
    ["<p" * 20_000, "<!--" * 20_000, "*" * 20_000, "[" * 20_000, "> " * 5_000, "{" * 20_000, "\\a{" * 20_000, "#a(" * 10_000,
     "<table><tr><td>" * 3_000, "- " * 5_000, "`" * 20_000, "<a b='" * 10_000, "=" * 20_000, "1. " * 5_000,
     "|" * 20_000, "&amp" * 10_000, "# " + "*a" * 20_000, "\\begin{a}" * 5_000, "~~a" * 9_000],
)  # fmt: skip
@pytest.mark.parametrize(
    "lead", ["# x\n\n", "<html>", "\\documentclass{a}\n", '#import "a"\n#set a\n', "{\\rtf1 "]
)
def test_hostile_text_ends_soon(lead, hostile):
    import time

    begin = time.perf_counter()
    opened(lead + hostile)
    assert time.perf_counter() - begin < 5
