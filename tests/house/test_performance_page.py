"""The figures in the docs are those of the results that are committed."""

from benches.page import PAGE, written


def test_the_page_shows_the_results() -> None:
    text = PAGE.read_text("utf-8")
    assert written(text) == text
