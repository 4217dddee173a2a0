export function work() {
  throw new Error("in a module");
}

work();
