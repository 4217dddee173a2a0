setTimeout(() => process.exit(Number(process.env.EXIT_WITH)), 700)
