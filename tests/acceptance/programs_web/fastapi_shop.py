"""A shop in FastAPI, in which one page is broken and another never ends."""

import asyncio
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

import bongsu

bongsu.init()


@asynccontextmanager
async def lifespan(_):
    print("serving", flush=True)
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/orders/{number}")
async def order(number: int):
    stock = {"apple": 3}
    return {"left": stock["pear"]}


@app.get("/endless")
async def endless():
    async def pieces():
        try:
            while True:
                yield b"more" * 1_000
                await asyncio.sleep(0)
        finally:
            print("the visitor left", flush=True)

    return StreamingResponse(pieces())
