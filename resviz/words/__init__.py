"""Settings, how they are written in links and on the command line, and numbers written for people."""
