"""Exit statuses of ``tomobatch``; argparse itself ends with 2 where the command line is wrong."""

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
