"""A shop in Flask, in which one page is broken."""

from flask import Flask

import bongsu

bongsu.init()
app = Flask(__name__)


@app.get("/orders/<int:number>")
def order(number):
    stock = {"apple": 3}
    return {"left": stock["pear"]}
