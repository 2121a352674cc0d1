"""The residual classifier of He 2015, and its plain twin."""
