"""`python -m evaluation.readability [KIND|PATH]`."""

import typer

from evaluation.readability.cli import check

if __name__ == "__main__":
    typer.run(check)
