def units(town): return []
def staff(town, rng): return []
