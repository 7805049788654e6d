"""The embedded engine: ``tomobatch recon``, a program of its own that reconstructs on the CPU."""
