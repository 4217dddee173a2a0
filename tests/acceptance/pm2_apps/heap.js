const kept = []
setInterval(() => {
  for (let i = 0; i < 2000; i++) kept.push(new Array(1000).fill({ i }))
}, 5)
