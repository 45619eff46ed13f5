"""Arrays as files: safetensors, never a pickle, which would run its writer's code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

from fedflex_core.exchange.record import BadRecord

__all__ = ["pack_tensors", "unpack_tensors"]


def pack_tensors(
    tensors: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str] | None = None
) -> bytes:
    """Arrays as safetensors bytes.

    >>> sorted(unpack_tensors(pack_tensors({"a": np.zeros(2, np.float32)})))
    ['a']
    """
    contiguous = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    return safetensors.numpy.save(contiguous, metadata=dict(metadata) if metadata else None)


def unpack_tensors(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Arrays from safetensors bytes; nothing in the file is ever executed.

    Raises:
        BadRecord: The bytes are not safetensors.
    """
    try:
        return safetensors.numpy.load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise BadRecord("the payload is not a safetensors file") from error
