"""Numbers as somebody wrote them: only those that PostgreSQL could hold are known, however many digits there are."""

INT4, INT8 = 2**31 - 1, 2**63 - 1
_MOST_DIGITS = 80
"""As many as an int8 has in binary, with its prefix and sign; `int` refuses some thousands with an error."""


def whole(text: str, *, most: int = INT8) -> int | None:
    """The integer, written in decimal or with 0x, 0o or 0b; None where it is none, or lies beyond `most` either way."""
    digits = text.strip().replace("_", "").lower()
    sign, digits = (digits[0], digits[1:]) if digits[:1] in ("+", "-") else ("", digits)
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
    digits = (digits if base == 10 else digits[2:]).lstrip("0") or digits[-1:]
    if len(digits) > _MOST_DIGITS or not digits.isalnum() or not digits.isascii():
        return None
    try:
        value = int(sign + digits, base)
    except ValueError:
        return None
    return value if -most - 1 <= value <= most else None
