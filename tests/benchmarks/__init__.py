"""Speed and accuracy of the engine and of the queue, beside peers measured in the same run."""
