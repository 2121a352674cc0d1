"""What all commands share: how they end, also by Ctrl-C, what they write, and how they write it where letters are missing."""
