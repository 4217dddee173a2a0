function seat(number) {
  throw new TypeError(`no such seat ${number}`)
}
setTimeout(() => seat(12), 300)
