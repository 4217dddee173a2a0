"""A shop in Django, in which one page and one command are broken. INIT says where Bongsu is begun."""
