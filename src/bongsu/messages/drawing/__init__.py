"""Slack messages drawn as HTML that is inert whatever a payload says: no script, nothing fetched from anywhere.

It shows the desktop client's layout. Where Slack documents nothing, the rule stands beside its constant.
"""

from bongsu.messages.drawing.cards import card, message, notification
from bongsu.messages.drawing.page import document, page
from bongsu.messages.drawing.style import CSS, FLAME
from bongsu.messages.drawing.values import Json

__all__ = ["CSS", "FLAME", "Json", "card", "document", "message", "notification", "page"]
