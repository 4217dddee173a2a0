"""What can be written behind `bongsu preview`."""

from bongsu.cli.arguments import Commands, command, port
from bongsu.messages.style import LANGUAGES

MODES = ("first", "follow-up", "reply", "plain")


def add(commands: Commands) -> None:
    """`bongsu preview`."""
    preview = command(
        commands,
        "preview",
        "see every card as Slack draws it, and judge a payload",
        "A local page with every card, in English and Korean, light and dark; and an editor that draws and judges a\n"
        "payload while it is written. Nothing is fetched from outside, and nothing is sent.",
        "bongsu preview card.json",
    )
    preview.add_argument("file", nargs="?", metavar="FILE", help="a payload as JSON, or - for standard input")
    preview.add_argument("--card", metavar="NAME", help="begin with this card, such as exception")
    preview.add_argument("--mode", choices=MODES, default="first", help="its form in a picture (default: first)")
    preview.add_argument("--language", choices=LANGUAGES, default="en", help="of the cards (default: en)")
    preview.add_argument("--dark", action="store_true", help="as in Slack's dark theme")
    preview.add_argument("--png", metavar="FILE", help="write a picture instead; needs Chromium or Chrome")
    preview.add_argument("--port", type=port, default=0, metavar="N", help="the page's port (default: any free one)")
    preview.add_argument("--no-open", action="store_true", help="only print the address")
