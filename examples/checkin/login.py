"""Logging in: away to the intranet, and back with a code that says who it was."""

import json
import secrets
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from flask import Blueprint, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from .users import User

INTRANET_TIMEOUT_S = 5

pages = Blueprint("login", __name__)


@pages.get("/login")
def leave() -> ResponseReturnValue:
    """Send the visitor to the intranet, which sends them back to `come_back`."""
    session["state"] = secrets.token_hex()
    query = urlencode({"redirect_uri": url_for(".come_back", _external=True), "state": session["state"]})
    return redirect(f"{current_app.config['INTRANET_URL']}/oauth/authorize?{query}")


@pages.get("/login/callback")
def come_back() -> ResponseReturnValue:
    """Let the visitor in; one who was never here before becomes a user."""
    expected = session.pop("state", None)
    if expected is None or request.args.get("state") != expected:
        abort(400)
    profile = fetch_profile(request.args["code"])
    g.user = profile["login"]
    users = current_app.config["USERS"]
    user = users.find(profile["login"]) or users.add(User(login=profile["login"], email=profile["email"]))
    return {"login": user.login, "state": user.state}


def fetch_profile(code: str) -> dict[str, str]:
    """What the intranet tells about the visitor to whom it gave this code."""
    token = _intranet("/oauth/token", data=urlencode({"code": code}).encode())["access_token"]
    return _intranet("/v2/me", headers={"Authorization": f"Bearer {token}"})


def _intranet(path: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> dict[str, str]:
    call = Request(current_app.config["INTRANET_URL"] + path, data, headers or {})
    with urlopen(call, timeout=INTRANET_TIMEOUT_S) as answer:
        return dict(json.load(answer))
