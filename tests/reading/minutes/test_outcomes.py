"""What a decision did, read so that no doubt becomes an approval. Expected by reading the sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.reading.minutes.decisions import is_no_decision, outcome_of

SENTENCES = {
    "approved": [
        "Styrelsen beslutar att godkänna planen.",
        "Motionen bifalls.",
        "attsatsen bifalles.",
        "Bifall till förslaget.",
        "Nämnden beslutar enligt förslaget.",
        "Nämnden godkänner planen, som inte omfattar akuten.",
        "Mötesschemat fastställs utan några förändringar.",
        "That the minutes of 13 February be approved.",
        "Innkallingen godkjennes.",
        "Dagsordenen blev godkendt.",
        "Enstemmig vedtatt.",
        "Lautakunta hyväksyi ehdotuksen.",
        "Geändert beschlossen",
    ],
    "rejected": [
        "Motionen avslås.",
        "Avslag.",
        "Attsats 2 nekas.",
        "Styrelsen beslutar att inte godkänna driftstart.",
        "Motionen bifalls inte.",
        "bifalles ej",
        "Ej godkänt.",
        "Driftstarten kunde inte godkännas.",
        "Nämnden ställer sig inte bakom förslaget.",
        "Återremissyrkandet avslås.",
        "Avslå yrkandet om återremiss.",
        "The board did not approve the plan.",
        "Nothing was approved.",
        "Motion failed.",
        "Lautakunta ei hyväksynyt ehdotusta.",
        "nicht beschlossen",
    ],
    "noted": [
        "Nämnden lägger informationen till handlingarna.",
        "Anmälningsärendena läggs till handlingarna.",
        "Informationen antecknas till protokollet.",
        "Nämnden noterar att testerna är godkända.",
        "Lägger godkänd rapport till handlingarna.",
        "Nämnden godkänner informationen.",
        "Nämnden tar del av informationen.",
        "The report was noted.",
        "Saken tas til orientering.",
        "Taget til efterretning.",
        "Merkittiin tiedoksi.",
        "zur Kenntnis genommen",
    ],
    "answered": ["Motionen anses besvarad.", "Nämnden beslutar att anse motionen härmed besvarad."],
    "tabled": [
        "Ärendet bordläggs.",
        "Godkännandet av driftstart bordläggs.",
        "Nämnden beslutar att godkänna att ärendet bordläggs.",
        "Beslut om godkännande skjuts upp.",
        "Ärendet bordläggs och godkänns senare.",
        "Godkänns vid nästa möte.",
        "Beslut om driftstart fattas den 12 mars.",
        "That go-live not be approved until the faults are fixed.",
        "Decision deferred.",
        "Saken utsettes.",
        "Sagen udsættes til næste møde.",
        "vertagt",
    ],
    "remitted": [
        "Ärendet återremitteras.",
        "Bifalla yrkandet om återremiss.",
        "Återremissyrkandet bifalls.",
        "Saken sendes tilbake til administrasjonen.",
        "Asia palautetaan valmisteltavaksi.",
    ],
    "elected": [
        "Styrgruppen beslutar att utse en ledamot att justera protokollet.",
        "Mötet valde en ordförande.",
        "Ledamot Ett väljs till protokolljusterare.",
    ],
    "other": [
        "Styrgruppen beslutar att driftstart sker den 12 november.",
        "Styrelsen föreslår kommunfullmäktige besluta att godkänna planen.",
        "Styrelsen föreslår att planen godkänns.",
        "Beslutet att godkänna avtalet upphävs.",
        "Slutligt godkännande inväntas.",
        "Nämnden konstaterar att systemet är godkänt.",
        "Nämnden beslutar att bifalla förslaget och därmed avslå det andra yrkandet.",
        "Förslaget avslås inte.",
    ],
}


@pytest.mark.parametrize("outcome, text", [(o, text) for o, texts in SENTENCES.items() for text in texts])
def test_a_sentence_has_its_outcome(outcome, text):
    assert outcome_of(text).outcome == outcome


@pytest.mark.parametrize("outcome", [o for o in SENTENCES if o not in ("approved", "elected")])
def test_what_approves_nothing_never_holds_an_approval(outcome):
    for text in SENTENCES[outcome]:
        assert outcome_of(text).outcome != "approved"
        assert outcome_of(f"{text} Enhälligt.").outcome != "approved"


@given(
    st.sampled_from(["godkänna", "bifalla", "anta", "fastställa", "tillstyrka", "bevilja"]),
    st.sampled_from(["inte", "ej", "icke", "inte heller"]),
    st.sampled_from(["planen", "motionen", "driftstart den 12 november"]),
)
def test_a_negation_at_the_verb_is_no_approval(verb, negation, what):
    assert outcome_of(f"Nämnden beslutar att {negation} {verb} {what}.").outcome != "approved"


def test_a_decision_to_propose_names_who_decides():
    ruling = outcome_of("Nämnden föreslår kommunfullmäktige besluta att anta budgeten.")
    assert (ruling.outcome, ruling.proposes_to) == ("other", "kommunfullmäktige")


def test_conditions_and_unanimity_are_kept():
    ruling = outcome_of(
        "Nämnden beslutar enhälligt att godkänna start, under förutsättning att testerna är klara."
    )
    assert (ruling.outcome, ruling.is_conditional, ruling.is_unanimous) == ("approved", True, True)


def test_no_decision_is_told_from_a_decision_not_to():
    assert is_no_decision("Inget beslut fattades.")
    assert is_no_decision("No decision was taken.")
    assert not is_no_decision("Nämnden beslutar att inte köpa.")


@given(st.text(max_size=300))
def test_any_text_has_an_outcome(text):
    assert outcome_of(text).outcome
