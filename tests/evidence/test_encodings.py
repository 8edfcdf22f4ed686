"""What bytes mean: sure where they say so, a guess where they do not, and never a foreign script by chance."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.evidence.opening import detect_encoding, is_binary, mark_length

SWEDISH = "Inloggningen på akutmottagningen fungerade inte; läkaren såg ingen journal före mötet. Återgång övervägs.\n"
GERMAN = "Die Übertragung schlug fehl: Prüfsumme ungültig, Größe überschritten, Gerät außer Betrieb.\n"
FRENCH = "L’échange a échoué : le dossier n’était pas à jour, où est passée la requête « été » ?\n"
DANISH = "Forbindelsen blev afbrudt på grund af for høj belastning; præparatet fører til ændringer på åben afdeling.\n"
RUSSIAN = (
    "Ошибка подключения к серверу базы данных, повторная попытка через пять минут. Пользователь не найден.\n"
)
JAPANESE = "サーバーへの接続に失敗しました。五分後にもう一度お試しください。利用者が見つかりません。\n"
CHINESE = "连接服务器失败，请在五分钟后重试。系统没有找到这个用户，数据库发生错误，请与管理员联系。\n"
KOREAN = "서버에 연결하지 못했습니다. 오 분 후에 다시 시도하십시오. 사용자를 찾을 수 없습니다. 데이터베이스 오류입니다.\n"
STAMP = "2024-11-12 05:30:00 INFO [app] "


@pytest.mark.parametrize("text", [SWEDISH, GERMAN, FRENCH, DANISH])
@pytest.mark.parametrize("share", [1, 3, 40])
def test_western_text_of_few_and_many_high_bytes_is_windows_1252(text, share):
    """One line in `share` holds letters beyond ASCII; in logs it is few, in minutes it is all."""
    lines = [STAMP + (text if n % share == 0 else "request done in 12 ms\n") for n in range(max(share, 60))]
    assert detect_encoding("".join(lines).encode("cp1252")) == ("cp1252", True)


@pytest.mark.parametrize(
    "text", ["r\xe4ksm\xf6rg\xe5s", "\xe5", "Stra\xdfe \xbbWeg\xab", "\x93Spa\xdf\x93 caf\xe9"]
)
def test_short_western_texts_are_windows_1252(text):
    assert detect_encoding(text.encode("latin-1"), complete=True) == ("cp1252", True)


def test_bytes_that_windows_1252_lacks_make_it_iso_8859_1():
    assert detect_encoding("r\xe4ka \x85 \x90\n".encode("latin-1"), complete=True) == ("iso-8859-1", True)


@pytest.mark.parametrize("text", [SWEDISH, GERMAN, DANISH])
def test_dos_text_is_code_page_850(text):
    assert detect_encoding((STAMP + text).encode("cp850")) == ("cp850", True)


@pytest.mark.parametrize(
    "text, encoding",
    [
        (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp866"), (RUSSIAN, "iso8859-5"),
        (JAPANESE, "cp932"), (JAPANESE, "euc-jp"), (CHINESE, "gb18030"), (KOREAN, "cp949"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("times", [1, 5, 200])
@pytest.mark.parametrize("stamp", ["", STAMP])
def test_another_script_is_recognised_where_it_is_clear(text, encoding, times, stamp):
    data = ((stamp + text) * times).encode(encoding)
    assert detect_encoding(data[: 1 << 16]) == (encoding, True)
    assert not is_binary(data)


@pytest.mark.parametrize("text", [SWEDISH, RUSSIAN, JAPANESE, CHINESE, KOREAN, "plain text\r\n"])
@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("stamp", ["", STAMP])
@pytest.mark.parametrize("padding", [0, 4000])
def test_utf_16_is_recognised_without_a_mark_in_any_script(text, order, stamp, padding):
    data = ((stamp + text) * 3).encode(f"utf-16-{order}") + bytes(padding)
    assert detect_encoding(data) == (f"utf-16-{order}", True)
    assert detect_encoding(data[:-1])[0] == f"utf-16-{order}"
    assert not is_binary(data)


@pytest.mark.parametrize("order, mark", [("le", b"\xff\xfe"), ("be", b"\xfe\xff")])
def test_a_mark_decides(order, mark):
    for text in ("", "x", SWEDISH, CHINESE):
        assert detect_encoding(mark + text.encode(f"utf-16-{order}")) == (f"utf-16-{order}", False)
        wide = mark.rjust(4, b"\0") if order == "be" else mark.ljust(4, b"\0")
        assert detect_encoding(wide + text.encode(f"utf-32-{order}")) == (f"utf-32-{order}", False)
        assert mark_length(wide + text.encode(f"utf-32-{order}")) == 4
    assert detect_encoding(b"\xef\xbb\xbf" + SWEDISH.encode()) == ("utf-8-sig", False)


def test_utf_16_that_begins_with_nul_is_no_utf_32():
    data = b"\xff\xfe" + ("\0" + SWEDISH).encode("utf-16-le")
    assert (detect_encoding(data), mark_length(data)) == (("utf-16-le", False), 2)


@pytest.mark.parametrize(
    "data",
    [
        b"a line\n\x00\x00another\x00 line\n",
        b"a line\n" * 50 + bytes(2000),
        bytes(512) + b"a line after a crash\n" * 5,
        b"HOME=/root\0PATH=/bin:/usr/bin\0LANG=C\0",
        b"x\0",
        "på\n".encode() * 30 + b"\0",
    ],
)
def test_zero_bytes_alone_make_no_utf_16(data):
    assert detect_encoding(data, complete=True) == ("utf-8", False)


def test_a_log_that_a_crash_left_full_of_zero_bytes_is_text():
    assert not is_binary(b"2024-11-12 05:30:00 started\n" * 20 + bytes(6000))
    assert not is_binary(bytes(4096) + b"2024-11-12 05:30:00 started\n" * 20)
    assert is_binary(bytes(8192))


def test_utf_8_with_stray_bytes_stays_utf_8_as_a_guess():
    data = (SWEDISH * 5).encode() + b"caf\xe9 \xff\n" + SWEDISH.encode()
    assert detect_encoding(data) == ("utf-8", True)
    assert detect_encoding(b"\xc3\xa5 and then \xc3\n", complete=True) == ("utf-8", True)


def test_a_character_cut_at_the_end_of_the_head_is_no_damage():
    for text in (SWEDISH * 9, CHINESE * 9, "🜁" * 300):
        data = text.encode()
        for end in range(200, 216):
            assert detect_encoding(data[:end]) == ("utf-8", False)
    assert detect_encoding("på".encode()[:-1], complete=True)[1]


@pytest.mark.parametrize("text, encoding", [(JAPANESE, "cp932"), (CHINESE, "gb18030"), (KOREAN, "cp949")])
def test_a_cut_character_of_two_bytes_is_no_damage_either(text, encoding):
    data = (text * 4).encode(encoding)
    assert {detect_encoding(data[:end])[0] for end in range(150, 166)} == {encoding}


def test_the_answer_speaks_of_the_head_only():
    """64 KiB of ASCII and Latin-1 behind them: the head is valid UTF-8, and that is what is said."""
    data = b"2024-11-12 plain\n" * 4000 + "r\xe4ka\n".encode("latin-1")
    assert detect_encoding(data[: 1 << 16]) == ("utf-8", False)
    assert detect_encoding(data, complete=True) == ("cp1252", True)


def test_ascii_and_utf_8_are_told_without_the_statistics_library():
    import subprocess
    import sys

    code = (
        "import sys; from rca.evidence.opening import detect_encoding as d\n"
        "d(b'plain\\n' * 9999); d('på\\n'.encode() * 9999); d('på\\n'.encode('cp1252') * 9999)\n"
        "sys.exit('charset_normalizer' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("text", ["plain text\n", SWEDISH, CHINESE])
def test_it_is_fast(text):
    data = (text * 9000).encode()[: 1 << 16]
    start = time.perf_counter()
    for _ in range(20):
        detect_encoding(data)
        is_binary(data)
    assert (time.perf_counter() - start) / 20 < 0.01


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_have_an_answer_that_decodes_with_replacement(data, complete):
    name, is_guess = detect_encoding(data, complete=complete)
    data.decode(name, errors="replace")
    is_binary(data)
    if not is_guess and complete and name == "utf-8":
        data.decode("utf-8")


@given(st.text(max_size=200))
def test_valid_utf_8_without_zero_bytes_is_never_a_guess(text):
    data = text.encode("utf-8").replace(b"\0", b"")
    assert detect_encoding(data, complete=True)[0] in ("utf-8", "utf-8-sig")
    assert not detect_encoding(data, complete=True)[1]
