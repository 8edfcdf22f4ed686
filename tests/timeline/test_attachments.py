"""A file inside a mail becomes an exhibit of its own, is read, and keeps the way it came."""

from __future__ import annotations

import email.message
import email.policy
import shutil
from pathlib import Path

from rca.case import Case

LOG = b"2024-11-12T05:30:00+01:00 INFO gateway started\n2024-11-12T05:31:00+01:00 ERROR no reply\n"


def _mail(attachment: bytes, name: str) -> bytes:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "driftledare@example.org"
    message["To"] = "it-chef@example.org"
    message["Date"] = "Tue, 12 Nov 2024 07:00:00 +0100"
    message["Subject"] = "Loggen"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("Se bifogad logg.")
    message.add_attachment(attachment, maintype="text", subtype="plain", filename=name)
    return message.as_bytes()


def _case(tmp_path: Path, name: str = "gateway.log") -> Case:
    path = tmp_path / "loggen.eml"
    path.write_bytes(_mail(LOG, name))
    case = Case.create(tmp_path / "case", title="attachments", zone="Europe/Stockholm")
    case.add(path, custodian="IT", handling="personal")
    return case


def test_an_attachment_is_registered_once_with_where_it_was_found_and_read(tmp_path: Path) -> None:
    case = _case(tmp_path)
    report = case.ingest(workers=1)
    parent, found = case.register
    assert report.read == ("E1", "E2")
    assert found.path == "exhibits/gateway.log"
    assert found.received_from.startswith("E1:R1")
    assert (found.modified, found.custodian, found.handling) == ("", "IT", "personal")
    assert (tmp_path / "case" / found.path).read_bytes() == LOG
    frame = case.timeline.frame
    assert len(frame[frame["exhibit"] == "E2"]) == 2
    assert parent.id == "E1"
    again = case.ingest(workers=1)
    assert (again.read, len(case.register)) == ((), 2)
    assert not case.verify()[1].errors


def test_bytes_that_are_an_exhibit_already_are_not_registered_again(tmp_path: Path) -> None:
    case = _case(tmp_path)
    log = tmp_path / "known.log"
    log.write_bytes(LOG)
    case.add(log)
    case.ingest(workers=1)
    assert len(case.register) == 2


def test_the_name_of_an_attachment_is_never_a_path(tmp_path: Path) -> None:
    case = _case(tmp_path, "../../../etc/pass:wd")
    case.ingest(workers=1)
    assert case.register[1].path == "exhibits/pass_wd"


def test_an_attachment_that_was_not_registered_when_the_ingest_was_killed_is_found_again(
    tmp_path: Path,
) -> None:
    case = _case(tmp_path)
    case._ingest_pass(1, None, None)
    shutil.rmtree(case.store.folder / "attachments")
    assert case.ingest(workers=1).read == ("E1", "E2")
