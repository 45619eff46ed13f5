"""The public face: exactly these names, and each of them is there."""

import subprocess
import sys

import fedflex_core

FACE = """
ARMS Aggregator Catalogue FedFlexError History Matcher Model OpenedStudy Participant PrivacyDesign
Ratings StudyDesign __version__ aggregate build_catalogue bundled_embeddings bundled_rules
epsilon_spent evaluate federate list_metrics
load_bundled local_update mmr noise_multiplier_for public_start rate_viewings read_catalogue
read_history read_pair study_results two_lists
"""


def test_the_public_face_is_pinned() -> None:
    assert sorted(fedflex_core.__all__) == sorted(FACE.split())


def test_every_name_is_there() -> None:
    for name in fedflex_core.__all__:
        assert getattr(fedflex_core, name) is not None


def test_the_package_itself_is_light() -> None:
    """The first cell of a page may not wait for pandas, matplotlib or torch."""
    code = "import fedflex_core, sys; print(*{'numpy', 'pandas', 'matplotlib', 'torch'} & {*sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []
