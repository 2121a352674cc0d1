"""Block: what is inside a residual block?"""
