"""A pretend intranet with the three OAuth addresses that a log-in needs. Every visit is another person's."""

import itertools
import secrets

from flask import Flask, abort, redirect, request
from flask.typing import ResponseReturnValue

PEOPLE = ("jiwoo", "minseo", "haneul", "seoyeon", "dohyun", "byeol", "ara", "hyunwoo")


def create_app() -> Flask:
    """The intranet, with its codes and tokens in memory."""
    app = Flask(__name__)
    visitors = itertools.cycle(PEOPLE)
    known: dict[str, str] = {}  # code or token → login

    @app.get("/oauth/authorize")
    def authorize() -> ResponseReturnValue:
        code = secrets.token_hex(8)
        known[code] = next(visitors)
        return redirect(f"{request.args['redirect_uri']}?code={code}&state={request.args['state']}")

    @app.post("/oauth/token")
    def token() -> ResponseReturnValue:
        login = known.pop(request.form["code"], None) or abort(401)
        access_token = secrets.token_hex(16)
        known[access_token] = login
        return {"access_token": access_token}

    @app.get("/v2/me")
    def me() -> ResponseReturnValue:
        access_token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        login = known.get(access_token) or abort(401)
        return {"login": login, "email": f"{login}@student.example"}

    return app
