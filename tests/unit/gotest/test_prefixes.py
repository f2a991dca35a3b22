"""S90: logs with words in front of their lines, and streams that another tool wrapped."""

import json
from collections.abc import Callable

import pytest
from recordings.recording import recordings

from gomanager.errors import UsageError
from gomanager.gotest.archive import Recorded
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.source import read_recorded
from gomanager.gotest.verdict import judge
from gomanager.results import Verdict

GREEN = next(one.stream for one in recordings() if str(one) == "S61-go1.27").decode()
RED = next(one.stream for one in recordings() if str(one) == "S14-go1.27").decode()


def text(stream: str) -> str:
    return "".join(json.loads(line).get("Output", "") for line in stream.splitlines())


def read(data: str | bytes) -> Fold:
    given = data if isinstance(data, bytes) else data.encode()
    return read_recorded([Recorded(name="log", data=given)], Asked(), None)[0]


def outcomes(data: str | bytes) -> dict[str, dict[str, str]]:
    return {
        package.path: {case.name: case.outcome.value for case in package.cases}
        for package in read(data).packages
    }


def before(prefix: str | Callable[[int], str], lines: str) -> str:
    numbered = enumerate(lines.splitlines())
    return "".join(f"{prefix if isinstance(prefix, str) else prefix(i)}{x}\n" for i, x in numbered)


PREFIXES: dict[str, str | Callable[[int], str]] = {
    "compose": "web_1  | ",
    "compose in colours": "\x1b[36mweb_1  |\x1b[0m ",
    "kubectl": "[pod/web-0/test] ",
    "GitHub": lambda i: f"2026-01-01T00:00:{i % 60:02}.{i:07}Z ",
    "GitLab": lambda i: f"2026-01-01T00:00:{i % 60:02}.{i:06}Z 00O ",
    "Jenkins": lambda i: f"[2026-01-01T00:00:{i % 60:02}.123Z] ",
    "Buildkite": lambda i: f"\x1b_bk;t=17000{i:08}\x07",
    "BuildKit": lambda i: f"#12 {i}.123 ",
    "ts": lambda i: f"Jan 01 00:00:{i % 60:02} ",
    "journal": lambda i: f"Jan 01 00:00:{i % 60:02} host go[12{i}]: ",
    "earthly": "            +test | ",
    "quotation": "> ",
    "block of code": "    ",
}


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
def test_s90_words_in_front_of_every_line(prefix: str | Callable[[int], str]) -> None:
    for whole in (GREEN, RED, text(GREEN), text(RED)):
        assert outcomes(before(prefix, whole)) == outcomes(whole)


def test_s90_each_service_is_a_source_of_its_own() -> None:
    mine, other = before("web_1  | ", text(GREEN)), before("db_1   | ", text(RED))
    lines = [*mine.splitlines(), *other.splitlines(), "db_1   | ready"]
    mixed = [line for pair in zip(lines[::2], lines[1::2], strict=False) for line in pair]
    assert judge(read("\n".join(sorted(mixed, key=lambda line: line[:3])))).verdict is Verdict.RED
    noisy = before("cache  | ", "ready\nFATAL: bye") + mine
    assert judge(read(noisy)).verdict is Verdict.GREEN
    pods = before("[pod/db-0/db] ", "ready\n" * 50) + before("[pod/web-0/test] ", text(GREEN))
    assert judge(read(pods)).verdict is Verdict.GREEN


@pytest.mark.parametrize("failed", [text(RED), "FAIL\texample.com/m/q [build failed]\n"])
@pytest.mark.parametrize("passed", [GREEN, text(GREEN)])
def test_s89_a_failure_with_words_before_it_beside_a_green_stream(passed: str, failed: str) -> None:
    other = before("web_1  | ", failed)
    assert judge(read(passed + other)).verdict is Verdict.RED
    assert judge(read(other + passed)).verdict is Verdict.RED


def test_s89_a_test_binary_that_failed_beside_a_green_stream() -> None:
    frame = "--- FAIL: TestQ (0.00s)\n    q_test.go:3: no\n"
    assert judge(read(GREEN + frame + "FAIL\n")).verdict is Verdict.RED
    assert judge(read(GREEN + frame)).verdict is Verdict.RED  # cut off behind it
    assert judge(read(GREEN + "--- FAIL: nothing we know\n")).verdict is Verdict.GREEN


def test_s89_a_package_that_passed_in_the_stream_and_failed_in_text() -> None:
    path = read(GREEN).packages[0].path
    found = read(f"{GREEN}FAIL\t{path}\t0.010s\n")
    assert judge(found).verdict is Verdict.RED
    assert len(found.packages) == 1


def test_s4_what_a_test_logged_of_another_one_is_no_prefix() -> None:
    told = text(GREEN).replace("PASS\n", "    x_test.go:8: FAIL\texample.com/z\t0.1s\nPASS\n", 1)
    inside = told.replace("--- PASS", "    x_test.go:8: --- FAIL: TestZ (0.00s)\n--- PASS", 1)
    assert "TestZ" not in str(outcomes(inside))


@pytest.mark.parametrize(
    "prose",
    [
        "We saw this:\n\nresult> ok  \texample.com/v\t0.1s\n\nand were glad.\nMore.\nAnd more.\n",
        "    indented prose\n    and more of it\n",
        "[]",
        '[{"a":1},{"b":2}]',
        '{"log":"nothing\\n"}\n',
    ],
)
def test_s90_what_only_quotes_go_test_is_refused(prose: str) -> None:
    with pytest.raises(UsageError):
        read(prose)


def colours(stream: str) -> str:
    return "".join(f"\x1b[32m{line}\x1b[0m\n" for line in stream.splitlines())


def docker(stream: str) -> str:
    pieces = ({"log": f"{line}\n", "stream": "stdout"} for line in stream.splitlines())
    return "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in pieces)


def events(stream: str) -> list[object]:
    return [json.loads(line) for line in stream.splitlines()]


WRAPPED: dict[str, Callable[[str], str | bytes]] = {
    "colours": colours,
    "docker": docker,
    "docker of text": lambda stream: docker(text(stream)),
    "array": lambda stream: json.dumps(events(stream)),
    "array of lines": lambda stream: "[\n" + ",\n".join(stream.splitlines()) + "\n]\n",
    "commas": lambda stream: ",\n".join(stream.splitlines()) + "\n",
    "pretty": lambda stream: "\n".join(json.dumps(one, indent=2) for one in events(stream)),
    "UTF-16 without a mark": lambda stream: stream.encode("utf-16-le"),
    "UTF-16 big": lambda stream: text(stream).encode("utf-16-be"),
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_s90_streams_that_another_tool_wrapped(wrap: Callable[[str], str | bytes]) -> None:
    for stream in (GREEN, RED):
        found, plain = outcomes(wrap(stream)), outcomes(stream)
        assert [*found] == [*plain]
        assert [dict(sorted(c.items())) for c in found.values()] == [
            dict(sorted(c.items())) for c in plain.values()
        ]


def test_s15_texts_of_a_stream_tell_the_error_of_a_parent_behind_its_child() -> None:
    joined = (
        "=== RUN   TestA\n=== RUN   TestA/s\n    x_test.go:7: s\n--- FAIL: TestA/s (0.00s)\n"
        "    x_test.go:8: after\n--- FAIL: TestA (0.00s)\nFAIL\nFAIL\texample.com/m/p\t0.1s\n"
    )
    failed = {c.name: c.attempts[0].failures for c in read(joined).packages[0].cases if not c.fold}
    assert {name: f[0].message for name, f in failed.items()} == {"TestA": "after", "TestA/s": "s"}


def test_s90_an_array_that_was_cut_short_is_red() -> None:
    assert judge(read(json.dumps(events(GREEN))[:-80])).verdict is Verdict.RED


@pytest.mark.parametrize("size", [1, 7, 100])
def test_s90_escapes_are_found_across_blocks(size: int) -> None:
    data = colours(RED).encode()
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    found = read_recorded([Recorded(name="log", more=blocks)], Asked(), None)[0]
    assert judge(found).verdict is Verdict.RED
    assert found.side_text == ()


FAKE = '{"Action":"fail","Package":"example.com/fake","Test":"TestFake"}'


def test_s4_text_in_which_a_test_prints_events_is_text() -> None:
    for told in (text(GREEN), text(RED)):
        at = told.index("\n", told.index("=== RUN")) + 1
        assert outcomes(f"{told[:at]}{FAKE}\n    x_test.go:8: {FAKE}\n{told[at:]}") == outcomes(
            told
        )


def test_s89_a_stream_behind_text_counts_too() -> None:
    for joined in (text(GREEN) + RED, text(RED) + GREEN, text(GREEN) + before("web_1  | ", RED)):
        found = read_recorded([Recorded(name="log", data=joined.encode())], Asked(), 1)
        assert {judge(fold).verdict for fold in found} == {Verdict.GREEN, Verdict.RED}
        assert sum(len(fold.packages) for fold in found) == 2
    both = (text(GREEN) + GREEN).encode()
    found = read_recorded([Recorded(name="log", data=both)], Asked(), 1)
    assert {judge(fold).verdict for fold in found} == {Verdict.RED}


def test_s7_a_failed_frame_behind_output_without_a_newline_in_text_without_v() -> None:
    told = "xy--- FAIL: TestB (0.00s)\n    n_test.go:8: b\nFAIL\nFAIL\texample.com/n\t0.1s\nFAIL\n"
    assert outcomes(told) == {"example.com/n": {"TestB": "fail"}}
    quoted = told.replace("xy---", "    n_test.go:8: ---", 1)
    assert outcomes(quoted) == {"example.com/n": {}}


def test_s10_a_stream_that_begins_with_half_an_event_is_no_text() -> None:
    glued = GREEN.splitlines()
    at = next(i for i, line in enumerate(glued) if '"Action":"run"' in line)
    torn = f"{glued[0][:40]}{glued[at]}\nok  \texample.com/m/p\t0.1s\n" + "\n".join(glued[at + 1 :])
    assert [*outcomes(torn).values()] == [*outcomes(GREEN).values()]


def test_s10_a_stray_frame_before_a_torn_stream_swallows_nothing_of_it() -> None:
    lines = GREEN.splitlines()
    at = next(i for i, line in enumerate(lines) if '"Action":"run"' in line)
    torn = "PASS\n--- PASS: TestA (0.00s)\n<script>`" + "\n".join(lines[at : at + 3])
    found = read_recorded([Recorded(name="log", data=torn.encode())], Asked(), 0)
    assert Verdict.RED in {judge(fold).verdict for fold in found}
