"""The only package that knows about a screen: router, routes, controls and the live chart."""
