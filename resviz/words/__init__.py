"""Settings as values, their words in links and on the command line, and numbers as people say them."""
