"""Outside logs with known answers: how many events each file holds, when the first happened, what each header says.

Where the reading and the manifest of `corpora/logs` differ, the reading stands for these reasons:

| file | manifest | here | why, by what outside |
|---|---|---|---|
| skydrive_v1 | 18 | 15 | 15 lines bear a possible stamp. The tool that made the count gives the first unstamped line after a stamped one an event of its own, with the time of the line before, and drops the next; such lines are wrapped text here. |
| endlessh-logs | 51 | 53 | 53 lines say ACCEPT. The hub's own parser takes 53 of 111 (the manifest's note); the manifest leaves out two whose stamp lacks a year. |
| endlessh-syslogs | 2 | 12 | The file repeats 4 lines six times; the hub's test saw only the first 4. RFC 5424 knows no rule by which a repeated line is none. |
| jellyseerr | 5 | 6 | All six lines state a failed log-in at a stated time; lnav counts 6. The hub's parser misses the one whose JSON was cut. |
| proftpd | 3 | 5 | All five state a failed log-in; the hub's parser takes 5 of 5. The manifest leaves out two without a year. |
| sftpgo | 10 | 48 | 48 JSON objects, each with a time (RFC 8259: one value a line). The hub counts those of two message kinds together. |
| sshesame | 113 | 381 | 381 lines with a stamp; lnav counts 381. The hub counts log-ins, forwardings, commands and variables together. |

Three files have the number of events, but not the first stamp of the manifest:

| file | manifest | here | why, by what outside |
|---|---|---|---|
| sccm_various | 19:33:19.766-06:30 | 19:33:19.766+05:30 | `19:33:19.766-330` states the bias in minutes, and UTC = local time + bias (Microsoft, TIME_ZONE_INFORMATION). An event in the file that also holds its time as FILETIME agrees. |
| jellyfin | 12:16:05.729Z | 11:16:05.729Z | The line reads `12:16:05.729 +01:00` (ISO 8601-1, 5.3.4.1). |
| pf | 2026-09-28 | 2022-09-28 | The stamps lack the year; the manifest's is that in which the hub's test was run, three years after the file's last write, which the manifest states too. |
"""

import csv
import json
import os
import shutil
from collections import Counter

import pytest

import rca
from rca.moments import parse_instant

COUNTS = {
    "plaso/skydrive_v1.log",
    "crowdsec/endlessh-logs__endlessh-logs.log",
    "crowdsec/endlessh-syslogs__endlessh-logs.log",
    "crowdsec/jellyseerr-logs__jellyseerr-logs.log",
    "crowdsec/proftpd-logs__proftpd-logs.log",
    "crowdsec/sftpgo-logs__sftpgo-logs-25.log",
    "crowdsec/sshesame__sshesame.log",
}
STAMPS = {
    "plaso/sccm_various.log",
    "crowdsec/jellyfin-logs__jellyfin-logs.log",
    "crowdsec/pf-logs__pf-logs.log",
}


def rows_of(shared, family):
    folder = shared / "corpora" / family
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if (folder / row["file"]).is_file():
                yield folder / row["file"], row


def read(path, row, tmp_path):
    """The reading of a copy that has the last write that the manifest states."""
    copy = tmp_path / row["file"].replace("/", "__").replace("..", "up")
    shutil.copy(path, copy)
    if row.get("mtime_utc"):
        instant = parse_instant(row["mtime_utc"])
        os.utime(copy, ns=(instant, instant))
    return rca.read(copy, zone="UTC")


def counts(events):
    """The numbers that a manifest may mean: events, records, or the events of one kind."""
    records = events["record_id"].fillna(events["event_id"]).nunique()
    return {len(events), records, *Counter(events["kind"]).values()}


def instant_of(text):
    try:
        return parse_instant(text)
    except rca.RcaError:
        return None


def test_logs_have_the_events_and_first_stamps_of_the_manifest(shared, tmp_path):
    wrong_count, wrong_stamp, unbalanced, files = set(), set(), [], 0
    for path, row in rows_of(shared, "logs"):
        files += 1
        reading = read(path, row, tmp_path)
        if not reading.books.balanced:
            unbalanced.append(row["file"])
        if not row["expected_events"].isdigit():
            continue
        if int(row["expected_events"]) not in counts(reading.events):
            wrong_count.add(row["file"])
            continue
        first = instant_of(row["first_ts_utc"].replace("+00:00", "Z"))
        if first is not None and not row["first_ts_utc"].startswith("0000"):
            times = reading.events["time"].dropna().astype("int64")
            if not ((times - first).abs() < 10**9).any():
                wrong_stamp.add(row["file"])
    assert files >= 140
    assert unbalanced == []
    assert wrong_count == COUNTS
    assert wrong_stamp == STAMPS


LOGHUB = (
    "Android",
    "BGL",
    "Hadoop",
    "Linux",
    "OpenSSH",
    "OpenStack",
    "Proxifier",
    "Spark",
    "Thunderbird",
    "Zookeeper",
)
OF_THE_STAMP = {"Date", "Time", "Month", "Day"}
TEXTS = (
    "message",
    "subject",
    "component",
    "actor",
    "severity_text",
    "time_text",
    "unit",
    "channel",
    "trace_id",
)


@pytest.mark.parametrize("system", LOGHUB)
def test_every_line_of_a_system_is_dated_and_every_field_of_its_header_is_kept(shared, system):
    folder = shared / "corpora" / "loghub" / system
    events = rca.read(folder / f"{system}_2k.log", zone="UTC").events.to_dict("records")
    with (folder / f"{system}_2k.log_structured.csv").open(
        newline="", encoding="utf-8", errors="replace"
    ) as stream:
        truth = list(csv.DictReader(stream))
    assert len(events) == len(truth) == 2000
    for event, row in zip(events, truth, strict=True):
        assert event["time"] == event["time"], row["LineId"]  # NaT is not itself
        fields = json.loads(event["attributes"]) if isinstance(event["attributes"], str) else {}
        kept = {str(value).strip() for value in (*fields.values(), *(event[name] for name in TEXTS))}
        for name, value in row.items():
            if name in ("LineId", "EventId", "EventTemplate") or value.strip() in ("", "-"):
                continue
            is_kept = value.strip() in kept or (name in OF_THE_STAMP and value.strip() in event["time_text"])
            assert is_kept, (row["LineId"], name, value)
