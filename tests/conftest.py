"""What all tests share: a private folder of their own, and the way to the larger data."""

import os
from pathlib import Path

import hypothesis
import pytest

# No test measures time: on a busy machine, or while loops are compiled, one example takes long.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the private folder of the person who runs it."""
    monkeypatch.setenv("FEDFLEX_HOME", str(tmp_path_factory.mktemp("fedflex_home")))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of larger data, for tests that can do without."""
    place = os.environ.get("FEDFLEX_SHARED_DATA")
    if not place:
        pytest.skip("FEDFLEX_SHARED_DATA is not set: the larger data are not here")
    folder = Path(place)
    assert folder.is_dir(), "FEDFLEX_SHARED_DATA names a folder that is not there"
    return folder
