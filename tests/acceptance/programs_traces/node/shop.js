// Fails in many ways; the last argument says in which.
const { carry } = require("carrier");

class Order {
  constructor(number) {
    if (!number) throw new RangeError("no number");
    this.number = number;
  }
  price() {
    return missing(this.number).price;
  }
  static async find() {
    await null;
    return new Order(0);
  }
}

class OrderLost extends Error {}

function missing() {
  return undefined;
}

function wrapped() {
  try {
    new Order(1).price();
  } catch (error) {
    throw Object.assign(new Error("wrapped\nin two lines", { cause: error }), { code: "E_WRAPPED", more: { a: [1, 2] } });
  }
}

function deep(depth) {
  return deep(depth + 1) + 1;
}

const FAILURES = {
  method: () => new Order(1).price(),
  constructed: () => new Order(0),
  rejected: () => { Order.find(); },
  reason: () => { Promise.reject("boom"); },
  thrown: () => { throw "closed"; },
  object: () => { throw { a: 1 }; },
  cause: wrapped,
  aggregate: () => { throw new AggregateError([new OrderLost("one"), new TypeError("two", { cause: new Error("three") })], "both"); },
  any: () => { Promise.any([Order.find()]); },
  stackless: () => { const error = new Error("bare"); error.stack = undefined; throw error; },
  subclass: () => { throw new OrderLost("gone"); },
  logged: () => console.error("failed:", Object.assign(new OrderLost("gone"), { name: "OrderLost" })),
  written: () => process.stderr.write(new OrderLost("gone").stack),
  recursion: () => deep(0),
  evaluated: () => eval("missing().price"),
  installed: () => carry(() => missing().price),
  timer: () => setTimeout(function tick() { missing().price; }, 1),
  syntax: () => require("./broken.js"),
  system: () => require("fs").readFileSync("/no/such/file"),
};
FAILURES[process.argv[2]]();
