"""A shop in aiohttp, in which one page is broken."""

import sys

from aiohttp import web

import bongsu

bongsu.init()


async def order(request):
    stock = {"apple": 3}
    return web.json_response({"left": stock["pear"]})


def told(*lines):
    print("serving", flush=True)


app = web.Application()
app.add_routes([web.get("/orders/{number}", order)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=told)
