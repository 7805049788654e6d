"""What is one per user: the queue, the machines, the journal; above the workspaces."""
