"""How an error that nobody saw coming is told."""

from __future__ import annotations

from gonogo.text import clean_line


def defect(error: Exception) -> str:
    """Return it in two lines, with the place where it arose."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "somewhere"
    what = clean_line(f"{type(error).__name__}: {error}")[:500]
    return f"a defect of gonogo's own: {what} ({place})\n  GONOGO_DEBUG=1 shows more; please report it."
