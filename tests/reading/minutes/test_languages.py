"""Minutes in Norwegian, Danish, Finnish and English, and informal ones of associations. Expected by reading them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.moments import format_instant
from rca.reading import Declared, Source
from rca.reading.minutes import MinutesReader

READER = MinutesReader()
NORWEGIAN = """# Møteprotokoll

**Utvalg:** Helseutvalget
**Møtested:** Rådhuset
**Dato:** 12.03.2024
**Tidspunkt:** 10:00 – 14:30

Følgende faste medlemmer møtte:

| Navn | Funksjon | Representerer |
|---|---|---|
| Leder En | Leder | AP |
| Medlem To | Medlem | H |

Følgende medlemmer hadde meldt forfall:

| Navn | Funksjon | Representerer |
|---|---|---|
| Medlem Tre | Medlem | SP |

Følgende varamedlemmer møtte:

| Navn | Møtte for | Representerer |
|---|---|---|
| Vara Fire | Medlem Tre | SP |

## PS 12/24 Godkjenning av innkalling

### Vedtak
Innkallingen godkjennes.

## PS 13/24 Ny journal ved sykehuset
Saksnr: 24/1234

### Innstilling
Kommunedirektøren anbefaler at saken utsettes.

### Votering
Forslaget falt med 2 mot 3 stemmer.

### Vedtak
Saken sendes tilbake til administrasjonen.
"""
DANISH = """Referat fra møde i Sundhedsudvalget

Mødedato: 5. november 2024
Mødetidspunkt: kl. 13.00 - 15.30
Medlemmer: Formand En, Medlem To
Afbud: Medlem Fire

Dagsorden
1. Godkendelse af dagsorden
2. Status for journalsystem

Punkt 1: Godkendelse af dagsorden
Sagsnr.: 24/1001

Beslutning
Dagsordenen blev godkendt.

Punkt 2: Status for journalsystem

Sagsfremstilling
Der er ni åbne fejl.

Indstilling
Administrationen indstiller, at status tages til efterretning.

Beslutning
Taget til efterretning.
"""
FINNISH = """PÖYTÄKIRJA

Hyvinvointilautakunta
Kokousaika: 12.3.2024 klo 17.00–19.15
Läsnä: Jäsen Yksi (SDP), puheenjohtaja; Jäsen Kaksi (KOK)
Poissa: Jäsen Neljä (KESK)
Asiat: §§ 12-13

§ 12 Potilastietojärjestelmän käyttöönotto

Päätösehdotus
Lautakunta hyväksyy käyttöönoton.

Äänestys
JAA = pohjaehdotus, EI = palautus. JAA-ääntä 2, EI-ääntä 1.

Päätös
Lautakunta hyväksyi ehdotuksen.

Eriävä mielipide
Jäsen Kaksi (KOK) jätti eriävän mielipiteen.

§ 13 Tiedoksi saatettavat asiat

Päätös
Merkittiin tiedoksi.
"""
FINLAND_SWEDISH = """Protokoll

Social- och hälsovårdsnämnden
Sammanträdestid: tisdag 12.3.2024 kl. 17.00-19.15
Beslutande: Ledamot Ett (SFP), ordförande; Ledamot Två (SDP)
Sakkunnig: Direktör Tre
Ärenden: 12-13 §

12 § Ibruktagande av journalsystem

Beslutsförslag
Nämnden godkänner ibruktagandet.

Beslut
Ärendet återremitterades för ny beredning.

13 § Anmälningsärenden

Beslut
Antecknades för kännedom.
"""
ENGLISH = """MINUTES OF THE HOSPITAL BOARD MEETING

Date: Tuesday 12 March 2024
Time: 2:00 pm – 4:30 pm
Present: Chair One (Chair), Member Two, Member Three
Apologies: Member Four
In attendance: Programme Director, IT Manager

1. Minutes of the previous meeting

RESOLVED: That the minutes of 13 February 2024 be approved.

2. Go-live of the record system

The Programme Director reported nine open faults.

Moved by Member Two, seconded by Member Three: That go-live be deferred.

Vote: 2 in favour, 1 against, 0 abstentions

RESOLVED: That go-live not be approved until the faults are fixed.

3. Any other business

Decision: The report was noted.

Action items
- IT Manager to publish the list by 15 March 2024

The meeting was adjourned at 4:20 pm.
"""
TECHNICAL = """# Record platform working group, meeting 12

* Tuesday 2021-07-27 14:30 PDT (21:30 UTC)
* Chairs: chair one, chair two
* Secretary: secretary

## Log-in

Chair One: the service does not answer.

**Action Item:** Chair Two to send the list.

## Alerts
"""
ASSOCIATION = """# Styrelsemöte

## 5 augusti 2021

## Kallade

- Ordförande
- Kassör
- Revisor

## Närvarande

- Ordförande
- Kassör

#Mötets öppnande 12:18

## Inköp

Att: Köpa in papper för 400 kr

Beslut: Attsats bifalles

Att: Köpa in kaffe

Beslut: Attsats avslås

## Nästa möte 2021-09-01 12:15

## Mötet avslutas 12:54
"""
NUMBERED = """Protokoll fört vid styrelsemöte
Datum: 2024-05-02
Närvarande: Anders Exempel, Bo Exempel (t.o.m. § 2), Cia Exempel

§ 1 Mötets öppnande
Anders Exempel öppnade mötet kl. 18.05.

§ 2 Inköp
Diskuterades skrivare. Styrelsen beslutade att avslå förslaget.
Styrelsen beslutade 2023-01-10 § 4 att godkänna en budget.

§ 3 Mötets avslutande
Mötet avslutades kl. 19.10.

Vid protokollet
Cia Exempel
"""
TEX = r"""\documentclass[protokoll]{article}
\begin{document}
\title{Styrelsemöte 2}
\date{2021-08-26}
\textbf{Datum:} 2021-08-26\\
\textbf{Tid:} 15:00\\
\begin{närvarande}
    \medlem[Ordförande]{Anders Exempel}{Ja}
    \medlem[Kassör]{Bo Exempel}[Lämnade efter 2.1 §]
\end{närvarande}
\section{Öppnande}
Mötet öppnas klockan 15:17.
\section{Beslutsärenden}
\subsection{Lampor}
\subsubsection*{Förslag till beslut}
\begin{attsatser}
  \item köpa lampor.
  \item köpa kablar.
\end{attsatser}
\subsubsection*{Beslut}
\begin{attsatser}
  \item attsats 1 bifalles.
  \item attsats 2 avslås.
\end{attsatser}
\subsection{Nästa}
Inget.
\end{document}
"""
TYPST = """#import "mall.typ": setup, deltagere, attSatser
#let time = "17:31"
#show: setup.with(
  time: time,
  date: datetime(year: 2024, month: 03, day: 26),
)

#deltagere(
  [Anders Exempel], [Ja, lämnade vid 2.1],
  [Bo Exempel], [Ja],
  [Cia Exempel], [Nej],
  [Dan Exempel], [2.1],
)

= Öppnande av möte
Mötet öppnades av Bo Exempel #time

= Formalia
== Röstlängd
=== Förslag
#attSatser([ stämman fastställer röstlängden ])

=== Beslut
#attSatser([ attsatsen bifalles. ])
"""
ALL = {
    "nb": NORWEGIAN, "da": DANISH, "fi": FINNISH, "fi-sv": FINLAND_SWEDISH, "en": ENGLISH, "technical": TECHNICAL,
    "association": ASSOCIATION, "numbered": NUMBERED, "tex": TEX, "typst": TYPST,
}  # fmt: skip


def read(text, zone="Europe/Stockholm"):
    source = Source.of_bytes(text.encode(), name="m", declared=Declared(zone=zone))
    rows = [row for b in READER.read(source) for row in b.to_pylist()]
    assert source.ledger.close(source.total, unit=source.unit).balanced
    assert len({row["event_id"] for row in rows}) == len(rows)
    return rows, source


def of(rows, kind):
    return [row for row in rows if row["kind"] == kind]


def fields(row):
    return json.loads(row["attributes"] or "{}")


def when(instant):
    return format_instant(instant.value)


def outcomes(rows):
    return [fields(row)["outcome"] for row in of(rows, "minutes.decision")]


@pytest.mark.parametrize("name", list(ALL))
def test_all_are_told_as_minutes(name):
    assert READER.score(Source.of_bytes(ALL[name].encode()).sample) == 0.97


def test_norwegian_minutes():
    rows, _ = read(NORWEGIAN, "Europe/Oslo")
    assert [row["actor"] for row in of(rows, "minutes.present")] == [
        "Leder En (AP)",
        "Medlem To (H)",
        "Vara Fire (SP)",
    ]
    assert {row["actor"] for row in of(rows, "minutes.absent")} == {"Medlem Tre (SP)", "Medlem Tre"}
    assert [fields(row)["section"] for row in of(rows, "minutes.item")] == ["PS 12/24", "PS 13/24"]
    assert "24/1234" in of(rows, "minutes.item")[1]["refs"]
    assert outcomes(rows) == ["approved", "remitted"]
    assert [fields(row)["form"] for row in of(rows, "minutes.motion")] == ["proposal"]
    (meeting,) = of(rows, "minutes.meeting")
    assert (when(meeting["time"]), when(meeting["time_end"])) == (
        "2024-03-12T09:00:00Z",
        "2024-03-12T13:30:00Z",
    )


def test_danish_minutes_do_not_double_their_agenda():
    rows, _ = read(DANISH, "Europe/Copenhagen")
    assert [row["message"] for row in of(rows, "minutes.item")] == [
        "Godkendelse af dagsorden",
        "Status for journalsystem",
    ]
    assert outcomes(rows) == ["approved", "noted"]
    assert [row["actor"] for row in of(rows, "minutes.absent")] == ["Medlem Fire"]
    assert when(of(rows, "minutes.meeting")[0]["time"]) == "2024-11-05T12:00:00Z"


def test_finnish_minutes():
    rows, _ = read(FINNISH, "Europe/Helsinki")
    assert outcomes(rows) == ["approved", "noted"]
    (vote,) = of(rows, "minutes.vote")
    assert (fields(vote)["yes"], fields(vote)["no"], fields(vote)["no_means"]) == ("2", "1", "palautus")
    assert [row["actor"] for row in of(rows, "minutes.dissent")] == ["Jäsen Kaksi (KOK)"]
    assert when(of(rows, "minutes.meeting")[0]["time"]) == "2024-03-12T15:00:00Z"


def test_swedish_minutes_of_finland():
    rows, _ = read(FINLAND_SWEDISH, "Europe/Helsinki")
    assert [row["message"] for row in of(rows, "minutes.item")] == [
        "Ibruktagande av journalsystem",
        "Anmälningsärenden",
    ]
    assert outcomes(rows) == ["remitted", "noted"]
    assert {row["actor"] for row in of(rows, "minutes.present")} == {
        "Ledamot Ett (SFP)",
        "Ledamot Två (SDP)",
        "Direktör Tre",
    }


def test_english_minutes():
    rows, _ = read(ENGLISH, "Europe/London")
    assert [row["message"] for row in of(rows, "minutes.item")] == [
        "Minutes of the previous meeting",
        "Go-live of the record system",
        "Any other business",
    ]
    assert outcomes(rows) == ["approved", "tabled", "noted"]
    assert [row["actor"] for row in of(rows, "minutes.absent")] == ["Member Four"]
    assert len(of(rows, "minutes.motion")) == 1
    assert [fields(row).get("owner") for row in of(rows, "minutes.action")] == ["IT Manager", None]
    (end,) = of(rows, "meeting.ended")
    assert when(end["time"]) == "2024-03-12T16:20:00Z"


def test_headings_without_labels_are_items_and_a_stated_zone_is_kept():
    rows, _ = read(TECHNICAL)
    assert [row["message"] for row in of(rows, "minutes.item")] == ["Log-in", "Alerts"]
    assert [row["actor"] for row in of(rows, "minutes.statement")][-1:] == ["Chair One"]
    assert [row["message"] for row in of(rows, "minutes.action")] == ["Chair Two to send the list."]
    (meeting,) = of(rows, "minutes.meeting")
    assert (when(meeting["time"]), meeting["time_basis"]) == ("2021-07-27T21:30:00Z", "offset_stated")


def test_an_association_decides_each_att_by_itself():
    rows, _ = read(ASSOCIATION)
    assert [row["actor"] for row in of(rows, "minutes.present")] == ["Ordförande", "Kassör"]
    assert [(fields(row)["outcome"], fields(row)["motion"]) for row in of(rows, "minutes.decision")] == [
        ("approved", "Köpa in papper för 400 kr"),
        ("rejected", "Köpa in kaffe"),
    ]
    assert when(of(rows, "meeting.started")[0]["time"]) == "2021-08-05T10:18:00Z"
    assert when(of(rows, "meeting.ended")[0]["time"]) == "2021-08-05T10:54:00Z"
    assert fields(of(rows, "minutes.meeting")[0])["invited"] == "Ordförande; Kassör; Revisor"


def test_every_heading_of_a_marked_document_is_in_its_outline_once():
    rows, _ = read(ASSOCIATION)
    assert len(of(rows, "minutes.heading")) == 8
    assert len({row["byte_start"] for row in of(rows, "minutes.heading")}) == 8


def test_a_sentence_in_which_the_meeting_decides_is_a_decision_and_an_earlier_one_is_not():
    rows, _ = read(NUMBERED)
    (decision,) = of(rows, "minutes.decision")
    assert decision["message"] == "Styrelsen beslutade att avslå förslaget."
    assert fields(decision)["told_by"] == "sentence"
    assert any("2023-01-10" in row["message"] for row in of(rows, "minutes.statement"))
    assert of(rows, "minutes.item")[2]["audience"] == ["Anders Exempel", "Cia Exempel"]


def test_tex_sources_tell_attendance_by_their_own_numbers():
    rows, _ = read(TEX)
    heard = {fields(row)["section"]: row["audience"] for row in of(rows, "minutes.item")}
    assert heard["2.1"] == ["Anders Exempel", "Bo Exempel"]
    assert heard["2.2"] == ["Anders Exempel"]
    assert [(fields(row)["outcome"], fields(row)["motion"]) for row in of(rows, "minutes.decision")] == [
        ("approved", "köpa lampor."),
        ("rejected", "köpa kablar."),
    ]


def test_typst_sources_keep_what_a_note_leaves_open():
    rows, _ = read(TYPST)
    assert [row["actor"] for row in of(rows, "minutes.absent")] == ["Cia Exempel"]
    items = {fields(row)["section"]: row for row in of(rows, "minutes.item")}
    assert items["1"]["audience"] == ["Anders Exempel", "Bo Exempel"]
    assert items["2.1"]["audience"] == ["Bo Exempel"]
    assert fields(items["2.1"])["presence_unknown"] == "Anders Exempel; Dan Exempel"
    assert outcomes(rows) == ["approved"]
    assert when(of(rows, "meeting.started")[0]["time"]) == "2024-03-26T16:31:00Z"


def test_html_is_read_as_what_it_shows():
    page = (
        "<!doctype html><html><body><h1>Protokoll</h1><p>Datum: 2024-03-12</p><h2>Närvarande</h2>"
        "<ul><li>Ordförande</li><li>Kassör</li></ul><h2>§ 1 Val</h2><h3>Beslut</h3><p>Ärendet bordläggs.</p></body></html>"
    )
    rows, source = read(page)
    assert READER.score(source.sample) == 0.97
    assert [row["actor"] for row in of(rows, "minutes.present")] == ["Ordförande", "Kassör"]
    assert outcomes(rows) == ["tabled"]


def test_a_person_in_a_list_is_cited_by_the_own_bytes():
    text = "Protokoll\nDatum: 2024-03-12\nNärvarande: Anders Exempel, Bo Exempel\n\n§ 1 Val\n\nBeslut\n\nÄrendet bordläggs.\n"
    rows, _ = read(text)
    spans = [(row["byte_start"], row["byte_length"]) for row in of(rows, "minutes.present")]
    assert [text.encode()[start : start + length].decode() for start, length in spans] == [
        "Anders Exempel",
        "Bo Exempel",
    ]


def test_many_people_take_no_time():
    crowd = ", ".join(f"Person {number} Exempel (S)" for number in range(3_000))
    rows, _ = read(
        f"Protokoll\nDatum: 2024-03-12\nNärvarande: {crowd}\n\n§ 1 Val\n\nBeslut\n\nÄrendet bordläggs.\n"
    )
    assert len(of(rows, "minutes.present")) == 3_000


@pytest.mark.parametrize(
    "text", ["# Decision\n\nDate: 2024-01-01\n\nWe use Postgres.\n", "Present: me\n", "", "\n\n", "§ 1\n"]
)
def test_other_texts_are_no_minutes(text):
    assert READER.score(Source.of_bytes(text.encode()).sample) == 0.0


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(list(ALL.values())), st.data())
def test_any_cut_and_edit_keeps_the_books(text, data):
    at = data.draw(st.integers(0, len(text)))
    read(text[:at] + data.draw(st.text(max_size=5)) + text[at + data.draw(st.integers(0, 200)) :])
