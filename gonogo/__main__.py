"""`python -m gonogo` is the command line."""

from __future__ import annotations

from gonogo.cli import main

if __name__ == "__main__":
    main()
