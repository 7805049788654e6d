#!/bin/sh
# An engine for the queue's benchmark: tomocupy's command line, and a job that sleeps and copies ready slices.
#
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
sleep "$BENCH_SECONDS"
mkdir -p "$out"
cp "$BENCH_SLICE" "$out/recon_00000.tiff"
cp "$BENCH_SLICE" "$out/recon_00001.tiff"
stamp end
