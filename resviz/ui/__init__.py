"""The only rooms that know a screen: router, routes, controls and the live chart."""
