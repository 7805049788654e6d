"""Speed and accuracy of the engine, of the queue and of the window, beside peers measured in the same run."""
