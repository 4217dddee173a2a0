"""What Bongsu's users and Bongsu itself test with: real parts that can be held still or made to fail."""

from bongsu.testing.clock import FakeClock
from bongsu.testing.events import CapturedEvents, capture_events
from bongsu.testing.slack import ScriptedSlack
from bongsu.testing.workspace import Received

__all__ = ["CapturedEvents", "FakeClock", "Received", "ScriptedSlack", "capture_events"]
