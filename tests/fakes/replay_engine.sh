#!/bin/sh
# An engine for tests of the queue: tomocupy's command line, no reconstruction.
#
# It prints what REPLAY_STDOUT and REPLAY_STDERR hold (recorded output where that is at hand), writes a line into
# REPLAY_RUNS when it begins and one when it ends, and copies ready slices into place. What else it does stands in
# the scan's name: hang, stubborn, nothing, half, zigzag (status 3), traceback, full, children, torn, pipe, memory (out of
# it with more than REPLAY_CHUNK slices at a time).
# Its help text is invented: the options that TomoBatch gives to every job, and a few more.

case " $* " in
*' -h '*)
    [ "$1" = recon ] || exit 2
    for option in config logs-home reconstruction-type file-name rotation-axis save-format out-path-name binning \
        nsino nsino-per-chunk max-write-threads center-search-width center-search-step start-row end-row fbp-filter
    do printf '  --%s VALUE\n' "$option"; done
    exit 0 ;;
*' --version '*) exit 2 ;;
esac

for argument; do
    case $argument in
    --out-path-name=*) out=${argument#*=} ;;
    --file-name=*) scan=${argument#*=} ;;
    --nsino-per-chunk=*) chunk=${argument#*=} ;;
    esac
done
name=$(printf %s "${scan##*/}" | tr ' \n' '__')
echo "begin $name $$ ${CUDA_VISIBLE_DEVICES-none} $(cut -d ' ' -f 1 /proc/uptime)" >>"$REPLAY_RUNS"
cat "$REPLAY_STDERR" >&2
cat "$REPLAY_STDOUT"
mkdir -p "$out" || exit 1

case $name in
*stubborn*) trap '' TERM; while :; do sleep 1; done ;;
*hang*) sleep 600 ;;
*children*) sleep 600 & ;;
*traceback*)
    printf 'Traceback (most recent call last):\n  File "x.py", line 1, in y\nRuntimeError: wrong shape\n' >&2
    sleep 600 ;;
*zigzag*) echo 'something odd' >&2; exit 3 ;;
*torn*) kill -KILL $$ ;;
*memory*)
    # the exception is genuine (cupy's issue 2537), the traceback around it is not
    [ "${chunk-8}" -le "${REPLAY_CHUNK-4}" ] || {
        printf 'Traceback (most recent call last):\n  File "x.py", line 1, in y\n%s %s\n' >&2 \
            'cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 25,600,000 bytes' \
            '(allocated so far: 3,635,267,072 bytes).'
        exit 1
    } ;;
esac
sleep "${REPLAY_SECONDS:-0}"
case $name in
*nothing*) ;;
*half*) cp "$REPLAY_SLICE" "$out/recon_00000.tiff" ;;
*pipe*) cp "$REPLAY_SLICE" "$out/recon_00000.tiff"; mkfifo "$out/recon_00001.tiff" ;;
*full*)
    # really fills the small disk it was given
    dd if=/dev/zero of="$out/recon_00000.tiff" bs=64k 2>&1 | sed 's/^dd: //' >&2 ;;
*)
    cp "$REPLAY_SLICE" "$out/recon_00000.tiff"
    cp "$REPLAY_SLICE" "$out/recon_00001.tiff" ;;
esac
echo "end $name $$" >>"$REPLAY_RUNS"
