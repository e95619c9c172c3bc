"""bsh_geo: the geospatial monitoring dashboard of the Beautiful Shanghai programme."""

__version__ = "0.1.0"
