// Two of these write at the same moment; what each says names it.
const name = process.env.name
const at = Math.ceil(Date.now() / 1000) * 1000 + 1000
setTimeout(() => {
  for (let i = 0; i < 20; i++) console.error(`${name} says ${i}`)
  throw new Error(`broken in ${name}`)
}, at - Date.now())
