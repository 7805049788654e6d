"""A long-lived child process for work that may hang or crash: it can be killed, the program goes on."""
