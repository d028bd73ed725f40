"""Networks as model folders: the graphs, and weights that others published."""
