const kept = []
setInterval(() => kept.push(Buffer.alloc(10 << 20, 1)), 50)
