setTimeout(() => Promise.reject(new RangeError('seat 99 is out of range')), 300)
setInterval(() => {}, 1000)
