"""What tests of chats share: reading bytes or values with one reader, with the books kept."""

import io
import json

import pytest

from rca.reading import Declared, Source


def _bytes(value):
    if isinstance(value, bytes):
        return value
    return (
        value.encode() if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False).encode()
    )


@pytest.fixture(scope="session")
def tell():
    """The rows and the source of what a reader makes of bytes, a text or a JSON value."""

    def run(reader, value, *, members=(), **declared):
        data = _bytes(value)
        source = Source("memory", lambda: io.BytesIO(data), stream_key="ab" * 32, size=len(data), members=members,
                        declared=Declared(**declared))  # fmt: skip
        rows = [row for batch in reader.read(source) for row in batch.to_pylist()]
        assert source.ledger.close(source.size).balanced
        assert len({row["event_id"] for row in rows}) == len(rows)
        for row in rows:
            row["fields"] = json.loads(row["attributes"] or "{}")
            assert row["source_kind"] == "chat"
            assert row["byte_start"] + row["byte_length"] <= len(data)
        return rows, source

    return run


@pytest.fixture(scope="session")
def rate():
    """The score that a reader gives to bytes, a text or a JSON value."""
    return lambda reader, value: reader.score(Source.of_bytes(_bytes(value)).sample)
