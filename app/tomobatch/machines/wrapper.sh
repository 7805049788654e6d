# Runs one job: claims its folder, takes the lock, runs the engine in a session and group of its own,
# and always leaves a status. Made for any POSIX sh (dash, bash, busybox) with setsid and flock.
#
#   sh wrapper.sh FOLDER LOCK GIVEN HOLDER BELLS AGAIN_CS KILL_CS GIVE_UP_CS CWD VARIABLES [NAME=VALUE]... PROGRAM [ARGUMENT]...
#
# FOLDER     the attempt's own folder, which exists
# LOCK       path of the lock file, or nothing
# GIVEN      "given" where standard input is the lock file, open and locked already; else nothing
# HOLDER     what those who wait for the lock are shown
# BELLS      folder of pipes to ring when the program has begun or ended, or nothing
# *_CS       hundredths of a second after the first SIGTERM: the second one, SIGKILL, giving up
# VARIABLES  how many NAME=VALUE follow
#
# It prints one line, "claimed BOOT PID START_TIME", or why not, and closes its output before anything runs.
# Files in FOLDER: claim, log, waiting (only while it waits), engine, status. SIGTERM to the wrapper stops the job.
# Variables begin with tb_ because a name that the environment already has would reach the engine changed.
# A shell with tb_library set that reads this file gets the functions alone.

# pid, start time (clock ticks since boot), group and state of a process; the name in brackets may hold anything
tb_look() {
    tb_start='' tb_group='' tb_state=''
    IFS= read -r tb_line 2>/dev/null <"/proc/$1/stat" || return 1
    tb_found=${tb_line%% *}
    set -- ${tb_line##*) }
    tb_state=$1 tb_group=$3 tb_start=${20}
}

# hundredths of a second since boot: no clock that someone can set decides anything here
tb_now() {
    read -r tb_uptime tb_rest </proc/uptime
    tb_now_cs=${tb_uptime%.*}${tb_uptime#*.}
}

# ---- exactly once: only one can make the file, be it a wrapper or whoever gives the job up. Where it is there without
# its line, its maker was killed: that is a claim too.
tb_claim() {
    tb_look self || return 1
    tb_pid=$tb_found
    read -r tb_boot </proc/sys/kernel/random/boot_id || return 1
    tb_identity="$tb_boot $tb_pid $tb_start"
    set -C
    command exec 8>"$tb_folder/claim" || return 1
    set +C
    # room for the status, taken now: the disk may be full when the job ends. It begins with an empty line: a shell reads
    # byte by byte, and while it went through the room the end might be written behind its back.
    printf '%s\n' "$tb_identity" >&8 && exec 8>&- && printf '\n%4095s' '' >"$tb_folder/status" && return 0
    rm -f "$tb_folder/claim"
    return 1
}

tb_claim_or_leave() {
    { tb_claim; } 2>/dev/null && return 0
    if [ -e "$tb_folder/claim" ] || [ -L "$tb_folder/claim" ]; then
        echo 'it was started or given up before'
    else
        echo 'the folder cannot be written to, perhaps because the disk is full'
    fi
    exit 1
}

# ---- news. Opened for reading too, a pipe without a reader holds nobody up; one that is full would, so nobody waits.
tb_ring() {
    [ -n "$tb_bells" ] || return 0
    for tb_bell in "$tb_bells"/*; do
        [ ! -p "$tb_bell" ] || echo bell 1<>"$tb_bell" &
    done 2>/dev/null
}

# ---- ends: kind, then why; in one write over the room taken at the start. Until the last line is there it is no
# status, which does what a rename would, without a process for it.
tb_finish() {
    trap '' TERM
    # the lock first: whoever reads the status may start the next job at once, and should not find it held
    exec 9<&-
    tb_now
    printf 'kind %s\nstatus %s\nengine_start %s\nended_cs %s\nsteps %s\nswept %s\nleft %s\nwhy %.1500s\nend\n' \
        "$1" "$tb_status" "$tb_engine_start" "$tb_now_cs" "$tb_steps" "$tb_swept" "$tb_members" "$2" \
        1<>"$tb_folder/status"
    tb_ring
    exit 0
}

# ---- the engine's group
tb_signal() {
    # before setsid has run there is no such group yet
    kill "-$1" "-$tb_engine" 2>/dev/null || kill "-$1" "$tb_engine" 2>/dev/null
}

# living members of the group; a zombie holds nothing
tb_list() {
    tb_members=
    if tb_look "$tb_engine" && [ "$tb_state" != Z ]; then tb_members=$tb_engine; fi
    kill -0 "-$tb_engine" 2>/dev/null || return 0
    for tb_entry in /proc/[0-9]*; do
        [ "${tb_entry#/proc/}" != "$tb_engine" ] || continue
        tb_look "${tb_entry#/proc/}" || continue
        [ "$tb_group" = "$tb_engine" ] && [ "$tb_state" != Z ] || continue
        tb_members="$tb_members $tb_found"
    done
}

# SIGTERM, SIGTERM again, SIGKILL, until the group is empty; tb_steps says how far it had to go
tb_end_group() {
    tb_now
    tb_began_cs=$tb_now_cs tb_steps=TERM
    tb_signal TERM
    tb_list
    while [ -n "$tb_members" ]; do
        sleep 0.03
        tb_now
        tb_passed_cs=$((tb_now_cs - tb_began_cs))
        if [ "$tb_passed_cs" -ge "$tb_again_cs" ] && [ "$tb_steps" = TERM ]; then
            tb_steps='TERM TERM'
            tb_signal TERM
        fi
        if [ "$tb_passed_cs" -ge "$tb_kill_cs" ]; then
            tb_steps='TERM TERM KILL'
            tb_signal KILL
        fi
        [ "$tb_passed_cs" -lt "$tb_give_up_cs" ] || return 0
        tb_list
    done
}

# what even SIGKILL does not end is said, not waited for
tb_stop_engine() {
    tb_end_group
    [ -z "$tb_members" ] || tb_finish stopped ''
}

# the trap on SIGTERM; it does the work itself, because a flag set just before `wait` would go unseen
tb_stop() {
    trap '' TERM
    tb_stopped=yes tb_interrupted=yes
    [ -z "$tb_flock" ] || kill -KILL "$tb_flock" 2>/dev/null
    [ -z "$tb_engine" ] || tb_stop_engine
}

# `wait` for a child, also when the trap cuts in; a status already handed out is kept
tb_wait() {
    wait "$1"
    tb_status=$?
    while [ -n "$tb_interrupted" ]; do
        tb_interrupted=
        wait "$1"
        tb_again=$?
        [ "$tb_again" = 127 ] || tb_status=$tb_again
    done
}

# ---- the lock. A folder with the sticky bit refuses O_CREAT on another's file, so it is opened without, first.
tb_open_lock() {
    [ ! -L "$tb_lock" ] || return 1
    [ -e "$tb_lock" ] || (umask 0; set -C; : >"$tb_lock") 2>/dev/null
    [ -f "$tb_lock" ] || return 1
    { command exec 9<"$tb_lock"; } 2>/dev/null
}

tb_wait_for_lock() {
    IFS= read -r tb_by <"$tb_lock"
    printf '%s\n%s\n' "$tb_lock" "$tb_by" >"$tb_folder/waiting.$tb_pid"
    mv -f "$tb_folder/waiting.$tb_pid" "$tb_folder/waiting"
    flock 9 &
    tb_flock=$!
    # SIGKILL, because a SIGTERM between fork and exec would be taken by the shell's own trap
    [ -z "$tb_stopped" ] || kill -KILL "$tb_flock" 2>/dev/null
    tb_wait "$tb_flock"
    tb_flock=
    rm -f "$tb_folder/waiting"
    return "$tb_status"
}

tb_own_lock() {
    tb_open_lock || tb_finish could-not-start "The lock file $tb_lock cannot be opened."
    flock -n 9
    case $? in
    0) ;;
    1) tb_wait_for_lock ;;
    *) tb_finish could-not-start 'The program flock does not work on this machine.' ;;
    esac || [ -n "$tb_stopped" ] || tb_finish could-not-start "Waiting for the lock $tb_lock failed."
}

tb_take_lock() {
    while :; do
        [ -n "$tb_given" ] || tb_own_lock
        [ -z "$tb_stopped" ] || return 0
        # somebody may have cleaned the folder: a lock on a file that is gone keeps nobody out
        [ "$tb_lock" -ef /proc/self/fd/9 ] && break
        tb_given=
    done
    # /proc/self/fd is no sticky folder, so this reaches another's file where writing to its path is refused
    printf '%s\n' "$tb_holder" >/proc/self/fd/9
}

# ---- the engine
tb_engine_process() {
    trap - TERM
    while [ "$tb_variables" -gt 0 ]; do
        tb_variables=$((tb_variables - 1))
        export "$1"
        shift
    done
    cd "$tb_cwd" || exit 81
    tb_look self
    # whoever finds the job after a crash must know the engine before it runs
    printf '%s %s\n' "$tb_found" "$tb_start" >"$tb_folder/engine" || exit 82
    tb_ring
    exec "$tb_setsid" -- "$@"
}

# ends what the engine left behind; children that are just ending are not left behind
tb_sweep() {
    for tb_turn in 1 2 3 4 5; do
        tb_list
        [ -n "$tb_members" ] || return 0
        sleep 0.04
    done
    set -- $tb_members
    tb_swept=$#
    tb_end_group
}

tb_judge() {
    [ -n "$tb_stopped" ] || tb_sweep
    [ -z "$tb_stopped" ] || tb_finish stopped ''
    if [ ! -s "$tb_folder/engine" ]; then
        case $tb_status in
        81) tb_finish could-not-start "The folder $tb_cwd cannot be entered." ;;
        *) tb_finish could-not-start "The folder $tb_folder cannot be written to, perhaps because the disk is full." ;;
        esac
    fi
    read -r tb_found tb_engine_start <"$tb_folder/engine"
    case $tb_status in 126 | 127)
        IFS= read -r tb_line <"$tb_folder/log"
        case $tb_line in *setsid:\ *) tb_finish could-not-start "${tb_line#*setsid: }" ;; esac
        ;;
    esac
    tb_finish exited ''
}

tb_run() {
    tb_status='' tb_engine='' tb_engine_start='' tb_flock='' tb_stopped='' tb_interrupted=''
    tb_steps='' tb_swept=0 tb_members=''
    tb_setsid=/usr/bin/setsid
    [ -x "$tb_setsid" ] || tb_setsid=$(command -v setsid)
    trap tb_stop TERM
    # whoever started this may be gone already: its closed pipe must not end the job
    trap '' PIPE
    tb_claim_or_leave
    echo "claimed $tb_identity"
    exec >/dev/null 2>&1
    trap - PIPE
    [ -n "$tb_setsid" ] || tb_finish could-not-start 'The program setsid is missing on this machine.'
    [ -z "$tb_lock" ] || tb_take_lock
    [ -z "$tb_stopped" ] || tb_finish stopped ''
    tb_engine_process "$@" >>"$tb_folder/log" 2>&1 9<&- &
    tb_engine=$!
    [ -z "$tb_stopped" ] || tb_stop_engine
    tb_wait "$tb_engine"
    tb_judge
}

tb_main() {
    tb_folder=$1 tb_lock=$2 tb_given=$3 tb_holder=$4 tb_bells=$5 tb_again_cs=$6 tb_kill_cs=$7 tb_give_up_cs=$8
    tb_cwd=$9
    shift 9
    tb_variables=$1
    shift
    # moved before anything runs in the background, where a shell takes its standard input away
    [ -z "$tb_given" ] || exec 9<&0 </dev/null
    # The background process is no child of whoever started this: nobody has to wait for it, today or after a restart.
    tb_run "$@" &
}

[ -n "${tb_library-}" ] || tb_main "$@"
