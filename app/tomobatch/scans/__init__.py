"""What lies in a data folder: scans listed, inspected in a worker process, judged."""
