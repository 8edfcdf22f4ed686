"""Chats by others, with counts made by other tools (../shared/corpora/records/manifest.csv).

The manifest counts records: members of `messages` or `posts`, lines with a stamp. All six files hold by the number of events, of
records or of the events of one kind. Where one record says more than one thing, there are more events than records: Rocket.Chat's
second message states when it was edited (`editedAt`), which is an event (`chat.edited`) beside the two messages.

The manifest says of the first IRC log that 5 lines are utterances in `<nick>`: a sixth, `<benpol>` without text, is counted by
it among the twelve lines and is a message without words here; actions (`* nick …`) and a notice are messages too, as somebody
wrote them (RFC 2812, CTCP ACTION). The log without an offset gets none: its times rest on an assumption.
"""

import csv
from collections import Counter

import pytest

from rca.reading import Source
from rca.reading.readers import readers

FAMILIES = {"slack_api": "slack", "mattermost": "mattermost", "rocketchat": "rocketchat", "irc": "irc"}


@pytest.fixture
def entries(shared):
    folder = shared / "corpora" / "records"
    if not folder.is_dir():
        pytest.skip("outside data (../shared/corpora/records) is not here")
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return [
            (folder / row["file"], row)
            for row in csv.DictReader(stream)
            if row["file"].partition("/")[0] in FAMILIES
        ]


def test_the_counts_of_others_are_held_by_the_reader_of_the_product(entries):
    assert len(entries) == 6
    known = readers()
    for path, entry in entries:
        source = Source.of_bytes(path.read_bytes(), name=path.name)
        scores = {name: reader.score(source.sample) for name, reader in known.items()}
        best = max(scores, key=scores.__getitem__)
        assert best == FAMILIES[entry["file"].partition("/")[0]], path.name
        assert sum(score == scores[best] for score in scores.values()) == 1, path.name
        rows = [row for batch in known[best].read(source) for row in batch.to_pylist()]
        books = source.ledger.close(source.size)
        assert (books.balanced, books.unparsed) == (True, 0), path.name
        counts = {
            len(rows),
            len({row["record_id"] for row in rows}),
            *Counter(row["kind"] for row in rows).values(),
        }
        assert int(entry["expected_events"]) in counts, path.name
        texts = {row["time_text"] for row in rows}
        assert {entry["first_ts"], entry["last_ts"]} <= texts, path.name
        is_stated = {row["time_basis"] for row in rows} == {"offset_stated"}
        assert is_stated == ("without_tz" not in path.name), path.name
