"""The cost of layers in closed form."""
