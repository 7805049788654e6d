#!/bin/sh
# nvidia-smi for tests: it replays what files of a folder hold, which NVIDIA_SMI names.
#
# `query` answers --query-gpu and `list` answers -L; both are invented after the program's manual, none was recorded.
# While the file `hang` is there it never answers. Each run leaves a line in `runs`: what was asked, and its process.

echo "${1%%=*} $$" >>"$NVIDIA_SMI/runs"
[ ! -e "$NVIDIA_SMI/hang" ] || exec sleep 600
case $1 in
-L) cat "$NVIDIA_SMI/list" ;;
*) cat "$NVIDIA_SMI/query" ;;
esac
