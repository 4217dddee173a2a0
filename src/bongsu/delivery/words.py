"""What the words of the other side mean, and what a person should do about each: one table.

Sources: docs.slack.dev, "Sending messages using incoming webhooks", the error lists of chat.postMessage, chat.update,
files.getUploadURLExternal and files.completeUploadExternal. What Bongsu itself says has remedies only.
"""

import re
from enum import Enum, auto

from bongsu.delivery.answer import Answer, Rejected, RetryAfter, Unknown

_WORD = re.compile(r"[a-z][a-z0-9_]{1,59}")


class Sense(Enum):
    """What a word says about the message and its destination."""

    LATER = auto()  # nothing was accepted, the same may pass later
    UNSURE = auto()  # it may have been accepted
    LAYOUT = auto()  # the layout was refused, plain text may pass
    GONE = auto()  # the message to edit or reply to is gone, a new one may pass
    REFUSED = auto()  # this message will never pass
    DEAD = auto()  # no message will pass until a person changes something


_NEW_WEBHOOK = "Create a new incoming webhook in your Slack app and put its URL into the configuration."
_NEW_TOKEN = "Reinstall the Slack app to the workspace and set BONGSU_SLACK_TOKEN to its bot token (xoxb-…)."
_ADMIN = "Ask an administrator of the Slack workspace to let this app post there, or name another channel."
_NO_CHANNEL = "Check the channel's name or id, and invite the app to it (/invite @app) if it is private."
_ARCHIVED = "Unarchive the channel in Slack, or name another one."
_REPORT = "Please report this to Bongsu with the message that caused it; it was refused for its form."
_NEW_MESSAGE = "Nothing to do: a new message is posted instead."
_WAIT = "Nothing to do: it is sent again by itself."
_CHECK_LATER = "Nothing to do: it is sent again by itself, marked as a repeat; look at slack-status.com if it lasts."
_PROXY = "Check https_proxy, http_proxy and no_proxy: a proxy is named http://[user:password@]host:port."
_REACH = "Check from this machine that the host can be reached (firewall, DNS, proxy), e.g. with curl."

SLACK: tuple[tuple[str, Sense, str], ...] = (
    # Incoming webhooks.
    ("invalid_payload", Sense.LAYOUT, _REPORT),
    ("user_not_found", Sense.DEAD, _NEW_WEBHOOK),
    ("channel_not_found", Sense.DEAD, _NO_CHANNEL),
    ("channel_is_archived", Sense.DEAD, _ARCHIVED),
    ("action_prohibited", Sense.DEAD, _ADMIN),
    ("posting_to_general_channel_denied", Sense.DEAD, _ADMIN),
    ("invalid_token", Sense.DEAD, _NEW_WEBHOOK),
    ("no_service", Sense.DEAD, _NEW_WEBHOOK),
    ("no_service_id", Sense.DEAD, _NEW_WEBHOOK),
    ("no_team", Sense.DEAD, _NEW_WEBHOOK),
    ("no_active_hooks", Sense.DEAD, _NEW_WEBHOOK),
    ("team_disabled", Sense.DEAD, "The Slack workspace is gone: name a webhook of another one."),
    ("rollup_error", Sense.LATER, _WAIT),
    # Both.
    ("no_text", Sense.REFUSED, _REPORT),
    ("invalid_blocks", Sense.LAYOUT, _REPORT),
    ("invalid_blocks_format", Sense.LAYOUT, _REPORT),
    ("too_many_attachments", Sense.LAYOUT, _REPORT),
    ("rate_limited", Sense.LATER, _WAIT),
    ("ratelimited", Sense.LATER, _WAIT),
    (
        "message_limit_exceeded",
        Sense.DEAD,
        "The workspace's plan takes no more messages: change the plan, or another workspace.",
    ),
    # Web API: the message.
    ("invalid_attachments", Sense.LAYOUT, _REPORT),
    ("invalid_metadata_format", Sense.LAYOUT, _REPORT),
    ("invalid_metadata_schema", Sense.LAYOUT, _REPORT),
    ("markdown_text_conflict", Sense.LAYOUT, _REPORT),
    ("metadata_too_large", Sense.LAYOUT, _REPORT),
    ("msg_blocks_too_long", Sense.LAYOUT, _REPORT),
    ("msg_too_long", Sense.LAYOUT, _REPORT),
    ("invalid_arguments", Sense.LAYOUT, _REPORT),
    ("invalid_json", Sense.REFUSED, _REPORT),
    ("json_not_object", Sense.REFUSED, _REPORT),
    # Web API: the message to edit or to reply to.
    ("cannot_reply_to_message", Sense.GONE, _NEW_MESSAGE),
    ("cant_update_message", Sense.GONE, _NEW_MESSAGE),
    ("edit_window_closed", Sense.GONE, _NEW_MESSAGE),
    ("is_inactive", Sense.GONE, _NEW_MESSAGE),
    ("message_not_found", Sense.GONE, _NEW_MESSAGE),
    ("restricted_action_non_threadable_channel", Sense.GONE, _NEW_MESSAGE),
    ("restricted_action_thread_locked", Sense.GONE, _NEW_MESSAGE),
    ("thread_not_found", Sense.GONE, _NEW_MESSAGE),
    # Web API: the channel.
    ("ekm_access_denied", Sense.DEAD, _ADMIN),
    ("invalid_channel", Sense.DEAD, _NO_CHANNEL),
    ("is_archived", Sense.DEAD, _ARCHIVED),
    ("messages_tab_disabled", Sense.DEAD, _NO_CHANNEL),
    (
        "not_in_channel",
        Sense.DEAD,
        "Invite the app to the channel (/invite @app), or give it the scope chat:write.public.",
    ),
    ("restricted_action", Sense.DEAD, _ADMIN),
    ("restricted_action_read_only_channel", Sense.DEAD, _ADMIN),
    ("restricted_action_thread_only_channel", Sense.DEAD, _ADMIN),
    # Web API: the token and the workspace.
    ("access_denied", Sense.DEAD, _ADMIN),
    (
        "accesslimited",
        Sense.DEAD,
        "The workspace takes no calls from this network: ask its administrator to allow this address.",
    ),
    ("account_inactive", Sense.DEAD, _NEW_TOKEN),
    ("enterprise_is_restricted", Sense.DEAD, _NEW_TOKEN),
    ("invalid_auth", Sense.DEAD, _NEW_TOKEN),
    ("missing_scope", Sense.DEAD, "Give the Slack app the scopes chat:write and files:write, then reinstall it."),
    ("no_permission", Sense.DEAD, _NEW_TOKEN),
    ("not_allowed_token_type", Sense.DEAD, _NEW_TOKEN),
    ("not_authed", Sense.DEAD, _NEW_TOKEN),
    ("org_login_required", Sense.LATER, "The workspace is being moved to an organisation: it is sent again by itself."),
    ("team_access_not_granted", Sense.DEAD, _NEW_TOKEN),
    ("team_not_found", Sense.DEAD, _NEW_TOKEN),
    ("token_expired", Sense.DEAD, _NEW_TOKEN),
    ("token_revoked", Sense.DEAD, _NEW_TOKEN),
    # Web API: Slack itself. Its page says of the first two that a part may have succeeded.
    ("fatal_error", Sense.UNSURE, _CHECK_LATER),
    ("internal_error", Sense.UNSURE, _CHECK_LATER),
    ("external_channel_migrating", Sense.LATER, _WAIT),
    ("request_timeout", Sense.LATER, _WAIT),
    ("service_unavailable", Sense.LATER, _WAIT),
    ("team_added_to_org", Sense.LATER, _WAIT),
    ("update_failed", Sense.LATER, _WAIT),
)
_OURS = {
    # What HTTP said.
    "captive_portal": "A web page answered instead of the destination: check the URL, the proxy, the network's log-in.",
    "redirected": "The URL leads elsewhere and a message is not sent after it: give the final URL (often https://).",
    "overloaded": _WAIT,
    "gateway": _CHECK_LATER,
    "too_large": _REPORT,
    "not_understood": "The answer was not one of Slack's: check that the URL takes Slack's webhook payload.",
    "no_reason": "The destination refused without a word: check its URL and its own log.",
    "wrong_dsn": "The server does not know this key or project: copy the DSN again from its project settings.",
    # What the network said.
    "dns_failure": "The host's name is unknown here: check its spelling and the machine's DNS.",
    "dns_timeout": "No name server answers: check the machine's DNS.",
    "refused": "Nothing listens there: check host and port, and whether the server runs.",
    "connect_timeout": _REACH,
    "network_failure": _REACH,
    "ehostunreach": _REACH,
    "enetunreach": _REACH,
    "tls_untrusted": "The certificate is not trusted: set SSL_CERT_FILE to your authority's, or correct the server's.",
    "tls_failure": "No encrypted connection came about: check that the port speaks https, and SSL_CERT_FILE if set.",
    "tls_timeout": _REACH,
    "proxy_failure": _PROXY,
    "proxy_refused": _PROXY,
    "proxy_unsupported": _PROXY,
    "timeout": _CHECK_LATER,
    "closed": _CHECK_LATER,
    "not_http": "Something that is no web server answers there: check scheme, host and port.",
    # What the machine said, and what does not fit.
    "disk_full": "Make room on the disk; the line is written as soon as there is some.",
    "eacces": "Give this user the right to write that file, or name another one.",
    "enoent": "Make the file's folder, or name another file.",
    "erofs": "The file system is read-only: name a file elsewhere.",
    "no_stderr": "The program has no stderr to write to: name another destination than console:.",
    "no_thread": _WAIT,
    # What mail servers said.
    "mail_login_refused": "The mail server refused user and password: correct them, percent-encoded, in the address.",
    "mail_login_unsupported": "The mail server offers no log-in that is known here: leave user:password@ away, or name "
    "another port (587, or smtps:// and 465).",
    "mail_refused": "The mail server refused sender, recipients or mail: look the number up in its log.",
    "mail_deferred": _WAIT,
    "tls_not_offered": "The mail server offers no encryption, so nothing was sent: name its port for mail from clients "
    "(587), write smtps://, or, in a network you trust, add tls=no.",
    "not_smtp": "Something that is no mail server answers there: check scheme, host and port.",
    # What Apprise said, which is little.
    "apprise_missing": "The library for this destination is missing: pip install 'bongsu[apprise]'.",
    "apprise_url": "Apprise does not know this URL: look it up in Apprise's documentation.",
    "apprise_failed": "Apprise could not send it and does not say why: try the URL with its own command, apprise.",
    "apprise_busy": _WAIT,
    "apprise_broken": "Apprise itself broke down: try the URL with its own command, apprise, and update it.",
    "no_receipt": _NEW_MESSAGE,
    "no_event": "A Sentry-compatible server takes events only, and this message has none.",
}
_SENSES = {word: sense for word, sense, _ in SLACK}
_REMEDIES = _OURS | {word: remedy for word, _, remedy in SLACK}


def answer(word: str, after_s: float | None = None) -> Answer | None:
    """The answer that a word of Slack's stands for; None for any other text."""
    match _SENSES.get(word):
        case None:
            return None
        case Sense.LATER:
            return RetryAfter(word, after_s)
        case Sense.UNSURE:
            return Unknown(word)
        case Sense.LAYOUT:
            return Rejected(word, plain=True)
        case Sense.GONE:
            return Rejected(word, gone=True)
        case Sense.REFUSED:
            return Rejected(word)
        case Sense.DEAD:
            return Rejected(word, dead=True)


def remedy(word: str) -> str:
    """What a person should do about a word of ours or Slack's: one sentence. What follows a colon is detail."""
    return _REMEDIES.get(
        word.partition(":")[0], "This word is not known to Bongsu: look it up in the destination's documentation."
    )


def looks_like_one(text: str) -> bool:
    """Whether a text has the form of Slack's words, so that it may be stored and shown."""
    return _WORD.fullmatch(text) is not None
