"""The service: who is in the building. `create_app` is what a WSGI server loads."""

import secrets

from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from . import login
from .users import Users


def create_app(database_path: str, intranet_url: str) -> Flask:
    """The service over one database file and one intranet to log in with."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes()
    app.config.update(INTRANET_URL=intranet_url, USERS=Users(database_path))
    app.register_blueprint(login.pages)
    app.register_error_handler(Exception, answer)
    return app


def answer(error: Exception) -> ResponseReturnValue:
    """Answer with the raw JSON of the story. On that day nobody else was told; where Bongsu is on, the team is."""
    if isinstance(error, HTTPException):
        return error  # 404 and its like are answers, not defects
    return {"statusCode": 500, "message": "Internal server error"}, 500
