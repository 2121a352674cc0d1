"""What one forward and backward pass measures."""
