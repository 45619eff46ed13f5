"""Where the two dashboards' notebooks are.

In a checkout they stand at its top, for people to open; an installed package carries its own copy.
"""

from pathlib import Path

from fedflex_core.errors import FedFlexError

__all__ = ["NotebookMissing", "notebook_path"]

_PACKAGE = Path(__file__).resolve().parents[1]


class NotebookMissing(FedFlexError):
    """A dashboard's notebook is in neither of its places: install FedFlex again."""


def notebook_path(name: str) -> Path:
    """Find a dashboard's notebook, in the checkout or in the installed package.

    Args:
        name: ``"participant"`` or ``"aggregator"``.

    Returns:
        The absolute path of the notebook, which exists.

    Raises:
        NotebookMissing: There is no such notebook.

    >>> notebook_path("participant").name
    'participant_notebook.ipynb'
    """
    return _find(f"{name}_notebook.ipynb", _PACKAGE)


def _find(file_name: str, package: Path) -> Path:
    checkout = package.parent
    # Only a checkout has this file beside the package; in site-packages it would be another's.
    if (checkout / "pyproject.toml").is_file() and (checkout / file_name).is_file():
        return checkout / file_name
    if (package / "notebooks" / file_name).is_file():
        return package / "notebooks" / file_name
    raise NotebookMissing(
        found=f"The notebook {file_name} is missing.",
        expected="Every FedFlex has it, at the top of its folder or inside the package.",
        way_out="Get a whole copy of FedFlex and install it again.",
    )
