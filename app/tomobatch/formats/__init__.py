"""HDF5 layouts of scans, DXchange and NXtomo: read, and for demo scans written."""
