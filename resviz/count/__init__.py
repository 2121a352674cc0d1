"""What layers cost, in closed form."""
