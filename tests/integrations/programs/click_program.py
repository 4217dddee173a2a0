"""A command line with every way to end: `click_program.py shop COMMAND`."""

import logging
import sys

import click

import bongsu

bongsu.init()


@click.group()
def cli(): ...


@cli.group()
def shop(): ...


@shop.command()
@click.option("--user", default="jiwoo")
def fail(user):
    logging.getLogger("shop").warning("looking for %s", user)
    raise LookupError(f"no such user {user}")


@shop.command()
def log():
    logging.getLogger("shop").error("out of tea")


@shop.command()
def say_no():
    raise click.ClickException("not today")


@shop.command()
def usage():
    raise click.UsageError("not like that")


@shop.command()
def abort():
    raise click.Abort


@shop.command()
@click.pass_context
def leave(context):
    context.exit(4)


@shop.command("quit")
def quit_it():
    sys.exit(5)


@shop.command()
@click.pass_context
def handled(context):
    try:
        context.invoke(fail)
    except LookupError:
        logging.getLogger("shop").error("nobody there")


if __name__ == "__main__":
    inside = sys.argv[-1] == "--inside"
    cli(sys.argv[1:-1] if inside else sys.argv[1:], "checkin", standalone_mode=not inside)
