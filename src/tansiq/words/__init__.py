"""What tansiq says to people, in every language it speaks.

A message is its English sentence; `ar.po` and `ru.po` hold what stands for it, as gettext's tools know it.
Rules for the next editor:

1. A conflict of volumes is تعارض and пересечение планов. tests/unit/test_words.py locks this and other terms.
2. Codes, ids, times, coordinates, units and altitudes are not translated: who reads a chart reads them everywhere.
3. Digits are Western in every language, Arabic too: charts, clocks and flight levels have them, and two sets of
   digits on one page are an invitation to misread one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from tansiq.errors import PartyError

SOURCE_LANGUAGE: Final = "en"
PLURAL_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("one", "other"),
    "ar": ("zero", "one", "two", "few", "many", "other"),
    "ru": ("one", "few", "many"),
}
"""Per language CLDR's forms of a whole number, in the order in which its catalogue has them."""
LANGUAGES: Final = tuple(PLURAL_FORMS)
_LOCALES: Final = {"en": "en_001"}
"""English as it is written between nations: the day before the month."""

Catalogue = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """One language: its sentences, its numbers, its dates."""

    language: str
    locale: Locale
    catalogue: Catalogue | None
    """Per English sentence what stands for it, one text per plural form; None for English itself."""

    @property
    def direction(self) -> str:
        """How its lines run: `ltr` or `rtl`."""
        return str(self.locale.text_direction)

    def say(self, message: str) -> str:
        """The sentence in this language, its {fields} still open. A sentence without a translation is our own fault."""
        return message if self.catalogue is None else self.catalogue[message][0]

    def count(self, one: str, other: str, number: int) -> str:
        """The sentence in the plural form of this whole number, its {fields} still open, {n} for the number too."""
        texts = (one, other) if self.catalogue is None else self.catalogue[one]
        return texts[PLURAL_FORMS[self.language].index(self.locale.plural_form(number))]

    def number(self, value: float, decimals: int = 0) -> str:
        """The number with this language's separators and at most so many decimals, in Western digits."""
        pattern = "#,##0." + "#" * decimals if decimals else "#,##0"
        return str(format_decimal(value, format=pattern, locale=self.locale, numbering_system="latn"))

    def day(self, instant_us: int) -> str:
        """The day of the week and the date of this instant in UTC, in full."""
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant_us)
        return str(format_date(moment.date(), "full", locale=self.locale))


@cache
def words_of(language: str) -> Words:
    """The words of this language.

    Raises PartyError bad_value where it is not one of LANGUAGES.
    """
    if language not in LANGUAGES:
        raise PartyError("bad_value", "language", repr(language)[:80], " or ".join(LANGUAGES))
    locale = Locale.parse(_LOCALES.get(language, language))
    return Words(language, locale, None if language == SOURCE_LANGUAGE else _catalogue(language))


def _catalogue(language: str) -> Catalogue:
    content = resources.files(__name__).joinpath(f"{language}.po").read_bytes()
    found: dict[str, tuple[str, ...]] = {}
    for message in read_po(BytesIO(content), locale=language, abort_invalid=True):
        if message.id:
            name = message.id if isinstance(message.id, str) else message.id[0]
            texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            found[name] = tuple(text or "" for text in texts)
    return found
