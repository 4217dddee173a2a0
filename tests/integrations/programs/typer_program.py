"""Typer, whose own hook prints what ends the program."""

import typer

import bongsu

bongsu.init()
app = typer.Typer()


@app.command()
def fail():
    raise LookupError("no such user jiwoo")


@app.command()
def say_no():
    raise typer.BadParameter("not today")


@app.command()
def leave():
    raise typer.Exit(4)


if __name__ == "__main__":
    app(prog_name="checkin")
