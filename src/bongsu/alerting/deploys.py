"""Deploys, and what began soon after one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

DEPLOYS_MAX = 20  # that are remembered
RELATED_S = 24 * 3_600.0  # a problem that begins later is hardly the deploy's
ROLL_BACK_S = 30 * 60.0  # one that begins sooner may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """A release that went out."""

    release: str
    at: float
    by: str = ""
    url: str = ""


def before(deploys: Iterable[Deploy], at: float) -> Deploy | None:
    """The one that may have to do with what began then."""
    return max((each for each in deploys if 0 <= at - each.at < RELATED_S), key=lambda each: each.at, default=None)


def suggests_rolling_back(deploy: Deploy, began_at: float, first_seen_at: float) -> bool:
    """Whether a problem nobody had before began right after it."""
    return first_seen_at >= deploy.at and began_at - deploy.at < ROLL_BACK_S


def kept(deploys: Iterable[Deploy], newest: Deploy) -> tuple[Deploy, ...]:
    """Those to remember, the newest last."""
    return (*sorted(deploys, key=lambda each: each.at), newest)[-DEPLOYS_MAX:]


def to_json(deploy: Deploy) -> dict[str, Any]:
    """The deploy as JSON values; `from_json` is its inverse."""
    return asdict(deploy)


def from_json(data: Mapping[str, Any]) -> Deploy:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    return Deploy(release=str(data["release"]), at=float(data["at"]), by=str(data["by"]), url=str(data["url"]))
