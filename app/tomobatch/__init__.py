"""Control station for tomographic reconstruction at synchrotron beamlines."""

__version__ = "0.1.0"
