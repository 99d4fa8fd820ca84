"""A deployment for each test of sources."""

import pytest

from tests.ingest.sources.deployment import Deployment
from tradeline.settings import Settings


@pytest.fixture
def shop(settings: Settings) -> Deployment:
    """A home without sources."""
    return Deployment(settings)
