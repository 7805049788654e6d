"""Where jobs run: the contract, this host, its GPUs."""
