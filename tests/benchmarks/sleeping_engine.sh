#!/bin/sh
# An engine for the queue's benchmark: tomocupy's command line, and a job that sleeps and copies ready slices.
#
# Where BENCH_CHATTER is set it prints so many lines meanwhile.
# When it begins and when it ends it writes a line "begin|end SECONDS SLOT" into BENCH_STAMPS.

case " $* " in
*' -h '*)
    [ "$1" = recon ] || exit 2
    for option in config logs-home reconstruction-type file-name rotation-axis save-format out-path-name
    do printf '  --%s VALUE\n' "$option"; done
    exit 0 ;;
*' --version '*) exit 2 ;;
esac

stamp() {
    echo "$1 $(date +%s.%N) ${CUDA_VISIBLE_DEVICES--}" >>"$BENCH_STAMPS"
}

stamp begin
for argument; do
    case $argument in --out-path-name=*) out=${argument#*=} ;; esac
done
if [ -n "${BENCH_CHATTER-}" ]; then
    # in the form of the engine's own bar, in ten bursts
    for part in 1 2 3 4 5 6 7 8 9 10; do
        awk -v part="$part" -v lines="$((BENCH_CHATTER / 10))" \
            'BEGIN { for (i = 1; i <= lines; i++) printf "\rqueue size 003 | %d |####----| %.1f%% \r\n", i, part * 10 }'
        sleep "$(echo "$BENCH_SECONDS" | awk '{ print $1 / 10 }')"
    done
else
    sleep "$BENCH_SECONDS"
fi
mkdir -p "$out"
cp "$BENCH_SLICE" "$out/recon_00000.tiff"
cp "$BENCH_SLICE" "$out/recon_00001.tiff"
stamp end
