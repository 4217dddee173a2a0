process.on('SIGINT', () => {})
setInterval(() => {}, 1000)
