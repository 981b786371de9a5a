def compose(renderer, command): return {}
