def warnings(blend, workspace, trust_scripts): return []
def collect(blend, workspace, frames): return {}
