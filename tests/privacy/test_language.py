"""Names and judging words are found in both languages; roles, places and quotations are left alone."""

import pytest

from rca.privacy import find_names, find_wordings


@pytest.mark.parametrize(
    "text, names",
    [
        ("Anna Svensson took the call", ["Anna Svensson"]),
        ("mötet leddes av Karl-Johan Berg", ["Karl-Johan Berg"]),
        ("enligt dr Eriksson", ["Eriksson"]),
        ("Ms Smith and Lars-Erik said so", ["Smith", "Lars-Erik"]),
        ("Region Skåne presented its contract with Oracle Health in Göteborg", []),
        ("Södra Älvsborgs sjukhus; Närhälsan; Västra Götaland; Läkartidningen", []),
        ("The regional director (from October 2022) asked the Work Environment Authority", []),
        ("On Tuesday the Steering Group met; May and April were busy", []),
        ("Sahlgrenska Universitetssjukhuset, Borås Tidning, Dagens Nyheter", []),
    ],
)
def test_names(text, names):
    assert [name for _, _, name in find_names(text)] == names


@pytest.mark.parametrize(
    "text, words",
    [
        ("Personalen försummade kontrollen", ["försummade"]),
        ("Man borde ha väntat", ["borde ha"]),
        ("MÄNSKLIGA FAKTORN", ["MÄNSKLIGA FAKTORN"]),
        ("det slarvades med testerna; slarvigt", ["slarvigt"]),
        ("The team failed to test and should have known", ["failed to", "should have"]),
        ("Det var ett handhavandefel", ["handhavandefel"]),
        ("If only they had waited", ["If only"]),
        ("Om bara någon hade frågat; felet skulle ha setts", ["Om bara", "skulle ha"]),
        ('The newspaper wrote "human error" on its front page', []),
        ("Rubriken löd ”handhavandefel”", []),
        ("The tests were late and steered by the contract", []),
        ("A failure of the network; the careless-sounding name Kareless", ["careless"]),
        ("Underlätt arbetet genom att dela upp det", []),
    ],
)
def test_wordings(text, words):
    assert [w.text for w in find_wordings(text)] == words


def test_the_shipped_case_names_nobody(shipped):
    text = (shipped.folder / "exhibits" / "facts.csv").read_text(encoding="utf-8")
    assert find_names(text) == []
    for path in (shipped.folder / "analysis").iterdir():
        assert find_names(path.read_text(encoding="utf-8")) == [], path.name
