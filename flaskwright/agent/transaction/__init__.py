"""A deploy that ends in commit or undo: written once, for every guide."""
