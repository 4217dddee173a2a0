// 5,000 error lines in about 5 s, then it stays.
let number = 0
const writing = setInterval(() => {
  for (let i = 0; i < 50; i++) console.error(`order ${++number} could not be priced`)
  if (number >= 5000) clearInterval(writing)
}, 50)
setInterval(() => {}, 1000)
