"""On the path, it turns Bongsu on before the program begins; the program itself knows nothing of it."""

import bongsu

bongsu.init()
