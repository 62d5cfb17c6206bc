"""The documentation of the Python that runs this: always there, always the same."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import UserError
from core.text import corpus, documentation
from core.text.documentation import documents, tidy


def library(root: Path, **sources: str) -> Path:
    for name, source in sources.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(source)
    return root


def test_docstrings_of_modules_classes_and_functions_come_in_order(tmp_path: Path) -> None:
    source = '''"""A module."""
class A:
    """A class.

    Of two paragraphs.
    """
    def f(self):
        "A method."
        def inner():
            "Inside."
    class B: "Nested."
async def g():
    """Waits."""
x = "no docstring"
'''
    root = library(tmp_path, b=source, a__c='"Earlier."', zz='"A module."')
    assert list(documents(root, {"b": "Second.", "a": "First."})) == [
        "First.", "Second.", "Earlier.", "A module.", "A class.\nOf two paragraphs.", "A method.", "Nested.", "Waits.",
    ]  # fmt: skip


def test_tests_and_installed_packages_are_no_documentation(tmp_path: Path) -> None:
    root = library(
        tmp_path, test__a='"No."', x__tests__b='"No."', idlelib__idle_test__c='"No."', lib__d='"Yes."', broken="def",
    )  # fmt: skip
    library(tmp_path / "site-packages", e='"No."')
    assert list(documents(root, {})) == ["Yes."]


def test_a_paragraph_of_running_text_is_one_line() -> None:
    page = (
        "Title\n*****\n\nSome text that is long enough to have been broken by somebody,\nwho had a narrow page.\n\n"
        "   code = 1\n   more(code)\n\n* a point that is long enough to have been broken somewhere\n  and goes on\n\n\n"
        "short\nlines\n"
    )
    assert tidy(page).split("\n") == [
        "Title",
        "Some text that is long enough to have been broken by somebody, who had a narrow page.",
        "   code = 1",
        "   more(code)",
        "* a point that is long enough to have been broken somewhere",
        "  and goes on",
        "short",
        "lines",
    ]
    assert tidy("\n \n====\n") == ""


def test_it_is_written_once_and_read_as_it_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    root = library(tmp_path / "lib", a='"""One.\n\nThing."""', b='"Two: caf\u00e9."')
    monkeypatch.setattr(documentation.sysconfig, "get_path", lambda name: str(root))
    monkeypatch.setattr(documentation, "topics", lambda: {"if": "The if.\n\nIt asks."})
    path = documentation.file()
    assert path.parent == tmp_path / "home" / "data" / "texts" and path.suffix == ".txt"
    assert list(corpus.documents([path])) == ["The if.\nIt asks.", "One.\nThing.", "Two: caf\u00e9."]
    assert [path.name] == [file.name for file in path.parent.iterdir()], "nothing half-written stays"
    first = path.read_bytes()
    monkeypatch.setattr(documentation, "topics", lambda: pytest.fail("it is there already"))
    assert documentation.file() == path
    path.unlink()
    monkeypatch.setattr(documentation, "topics", lambda: {"if": "The if.\n\nIt asks."})
    assert documentation.file().read_bytes() == first


def test_a_system_without_topics_has_docstrings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "assert" in documentation.topics()
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    assert documentation.topics() == {}


def test_a_system_without_either_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(documentation.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(documentation, "topics", dict)
    with pytest.raises(UserError, match=r"no Python documentation.*Name a text file"):
        documentation.file()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").write_text("a file stands in the way")
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(documentation.sysconfig, "get_path", lambda name: str(library(tmp_path / "lib", a='"One."')))
    with pytest.raises(UserError, match="cannot be written"):
        documentation.file()


def test_this_python_has_enough_to_train_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path))
    path = documentation.file()
    text = path.read_text("utf-8")
    assert len(text) > 1_000_000
    assert "Return a new dict" in text or "dictionary" in text
    assert str(Path.home()) not in text, "the same on every machine"


def test_two_who_come_at_once_make_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    root = library(tmp_path / "lib", a='"One."')
    monkeypatch.setattr(documentation.sysconfig, "get_path", lambda name: str(root))
    making, go_on, made = threading.Event(), threading.Event(), []

    def topics() -> dict[str, str]:
        made.append(1)
        making.set()
        assert go_on.wait(20)
        return {}

    monkeypatch.setattr(documentation, "topics", topics)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(documentation.file)
        assert making.wait(20)
        second = threads.submit(documentation.file)
        with pytest.raises(TimeoutError):
            second.result(0.05)  # it waits
        go_on.set()
        assert first.result(20) == second.result(20)
    assert made == [1]
