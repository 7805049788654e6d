"""Jobs, their states, the queue, the journal on disk, the lease of the scheduler."""
