"""Every sentence is there in every language, whole, and says what it must."""

import ast
import gettext
import re
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tansiq.errors import PartyError
from tansiq.words import LANGUAGES, PLURAL_FORMS, words_of

SOURCE = Path(__file__).parent.parent.parent / "src/tansiq"
TRANSLATED = [language for language in LANGUAGES if language != "en"]
# Forms of a number that a language may say without a digit: "two conflicts" is one word in Arabic.
SPOKEN = {"zero", "one", "two"}

# A message that has the word in English has one of these in the other language.
LOCKED = {
    "ar": {
        r"\bconflicts?\b": r"تعارض",
        r"\bvolumes?\b": r"حيّز|أحياز|الحيّز",
        r"\bintents?\b": r"نيّة|نيّت|نوايا",
        r"\bpart(?:y|ies)\b": r"طرف|أطراف|الطرف",
        r"\bminima\b": r"الحدّين الأدنيين|حدود دنيا|الحدود الدنيا|الحد الأدنى",
        r"\bwindows?\b": r"نافذة|النوافذ",
    },
    "ru": {
        r"\bconflicts?\b": r"пересечени|пересека",
        r"\bvolumes?\b": r"объём",
        r"\bintents?\b": r"намерени",
        r"\bpart(?:y|ies)\b": r"сторон",
        r"\bminima\b": r"минимум",
        r"\bwindows?\b": r"окн|окон",
    },
}
FORBIDDEN = r"\bsafe|نزاع|صراع|تصعيد|هدف|آمن|(?<!де)конфликт|эскалаци|мишен|безопас"


def messages(language: str) -> Catalog:
    content = (SOURCE / f"words/{language}.po").read_bytes()
    return read_po(BytesIO(content), locale=language, abort_invalid=True)


def translations(language: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each message's English forms and its forms in this language."""
    for message in messages(language):
        if message.id:
            english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            yield english, (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def used() -> set[tuple[str, ...]]:
    """Every sentence that the program says, by the calls of `say` and `count` in its source."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                taken = {"say": 1, "count": 2}.get(node.func.attr, 0)
                said = [part.value for part in node.args[:taken] if isinstance(part, ast.Constant)]
                texts = tuple(text for text in said if isinstance(text, str))
                of_words = isinstance(node.func.value, ast.Name) and node.func.value.id == "words"
                assert len(texts) == taken or not of_words, f"{path.name}:{node.lineno}: a sentence that is no literal"
                if taken and of_words:
                    found.add(texts)
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_sentence_that_is_said_and_no_other(language: str) -> None:
    assert {english for english, _ in translations(language)} == used()
    assert len(used()) > 50, "the sentences are looked for in the wrong place"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_form_is_there_with_the_fields_of_its_sentence(language: str) -> None:
    for english, texts in translations(language):
        forms = PLURAL_FORMS[language] if len(english) > 1 else ("other",)
        assert len(texts) == len(forms), english
        for form, text in zip(forms, texts, strict=True):
            assert text.strip(), english
            missing = fields(english[-1]) - fields(text)
            assert missing <= ({"n"} if form in SPOKEN else set()), (english, text)
            assert fields(text) <= fields(english[-1]), (english, text)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_formula_of_the_catalogue_picks_the_form_that_cldr_names(language: str) -> None:
    header = messages(language).mime_headers
    formula = dict(header)["Plural-Forms"].partition("plural=")[2].rstrip(";")
    pick = gettext.c2py(formula)  # how the standard library itself reads it
    rule = words_of(language).locale.plural_form
    forms = PLURAL_FORMS[language]
    assert [forms[pick(n)] for n in range(1_001)] == [rule(n) for n in range(1_001)]


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_locked_terms_are_used(language: str) -> None:
    for english, texts in translations(language):
        for word, term in LOCKED[language].items():
            if re.search(word, re.sub(r"{\w+}", "", english[0]), re.IGNORECASE):
                assert all(re.search(term, text, re.IGNORECASE) for text in texts), (english, term)


def test_no_sentence_says_safe_or_speaks_of_war() -> None:
    said = [text for texts in used() for text in texts]
    said += [text for language in TRANSLATED for _, texts in translations(language) for text in texts]
    assert [text for text in said if re.search(FORBIDDEN, text, re.IGNORECASE)] == []


def test_no_catalogue_holds_what_turns_the_direction_or_a_second_set_of_digits() -> None:
    for language in TRANSLATED:
        text = (SOURCE / f"words/{language}.po").read_text("utf-8")
        assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u0660-\u0669\u06f0-\u06f9]", text)


def test_numbers_have_western_digits_and_the_separators_of_their_language() -> None:
    assert [words_of(language).number(1_234_567.25, 1) for language in LANGUAGES] == [
        "1,234,567.2",
        "1,234,567.2",
        "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,2",
    ]


def test_a_count_takes_the_form_of_its_number() -> None:
    def volumes(language: str, number: int) -> str:
        return words_of(language).count("{n} volume", "{n} volumes", number).format(n=number)

    assert [volumes("en", n) for n in (0, 1, 2)] == ["0 volumes", "1 volume", "2 volumes"]
    assert [volumes("ru", n) for n in (1, 2, 5, 11, 21)] == [
        "1 объём",
        "2 объёма",
        "5 объёмов",
        "11 объёмов",
        "21 объём",
    ]
    assert [volumes("ar", n) for n in (0, 1, 2, 3, 11, 100)] == [
        "لا أحياز", "حيّز واحد", "حيّزان", "3 أحياز", "11 حيّزًا", "100 حيّز",
    ]  # fmt: skip


def test_a_day_is_written_out_in_its_language() -> None:
    noon_us = 1_894_708_800_000_000
    assert words_of("en").day(noon_us) == "Tuesday, 15 January 2030"
    assert "2030" in words_of("ar").day(noon_us)
    assert words_of("ru").day(noon_us).startswith("вторник, 15 января 2030")


def test_a_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(PartyError) as refused:
        words_of("tlh")
    assert (refused.value.code, refused.value.field) == ("bad_value", "language")


def test_a_sentence_without_a_translation_is_a_fault_of_our_own() -> None:
    with pytest.raises(KeyError):
        words_of("ru").say("a sentence that nobody translated")
