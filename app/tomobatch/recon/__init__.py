"""The engine's contract: options, command line, outputs, receipts, completeness, progress, diagnosis."""
