# The far side of a machine reached by SSH: read by `exec sh -s` there, called by lines that follow on standard input.
#
#   tb_call TOKEN FUNCTION [ARGUMENT]...
#
# What a function prints is made of sections: a line "TOKEN words" after a line break, then bytes. Each call ends with
# the section "TOKEN end STATUS", on standard error too. A token is random and used once, so that nothing that is passed
# on (logs, files, output of programs) can be taken for the end of it. Made for any POSIX sh (dash, bash, busybox).

cd /
tb_library=yes
tb_umask=$(umask)

tb_section() {
    printf '\n%s %s\n' "$tb_token" "$*"
}

tb_call() {
    tb_token=$1
    shift
    "$@" </dev/null
    tb_status=$?
    tb_section end "$tb_status" >&2
    tb_section end "$tb_status"
}

# ---- who is there
tb_hello() { # BOOT_ID_FILE HOST_ID_FILE NAME TEXT: which boot of which host this is; the wrapper's file
    tb_lacks=
    for tb_program in setsid flock tail head wc cat sleep mkdir mkfifo mv rm ln; do
        command -v "$tb_program" >/dev/null || { tb_section missing "$tb_program"; tb_lacks=yes; }
    done
    [ -z "$tb_lacks" ] || return 1
    read -r tb_boot <"$1" || return 1
    # hosts that were copied from one another have the same number, but not the same name
    tb_host= tb_node=
    [ ! -r "$2" ] || read -r tb_host <"$2"
    read -r tb_node </proc/sys/kernel/hostname
    shift 2
    tb_home=${XDG_STATE_HOME:-$HOME/.local/state}/tomobatch/far
    (umask 077 && mkdir -p "$tb_home/bells" "$tb_home/marks") || return 1
    tb_wrapper=$tb_home/$1
    if [ ! -s "$tb_wrapper" ]; then
        printf '%s' "$2" >"$tb_wrapper.$$" && mv -f "$tb_wrapper.$$" "$tb_wrapper" || return 1
    fi
    . "$tb_wrapper"
    tb_locks=${TOMOBATCH_LOCK_FOLDER-}
    if [ -z "$tb_locks" ]; then
        tb_locks=/tmp
        # for every user, or programs of different users would look in different places
        case $(ls -ldL /run/lock 2>/dev/null) in d???????w*) tb_locks=/run/lock ;; esac
    fi
    tb_section home; printf '%s' "$tb_home"
    tb_section locks; printf '%s' "$tb_locks"
    tb_section boot "$tb_boot"
    tb_section host "$tb_host $tb_node"
    tb_section pid "$$"
    while read -r tb_word tb_count tb_unit; do
        [ "$tb_word" != MemTotal: ] || tb_section memory "$tb_count"
    done </proc/meminfo
    tb_forget_old >/dev/null 2>&1 </dev/null &
}

# whether a job could be started and followed: its folder needs a few blocks, its news a pipe
tb_room() {
    # by a program, since some shells do not say what went wrong
    printf '%16384s' '' | cat >"$tb_home/room.$$" && mkfifo "$tb_home/pipe.$$"
    tb_code=$?
    rm -f "$tb_home/room.$$" "$tb_home/pipe.$$"
    return "$tb_code"
}

# What is left of long ago: logs of jobs were copied to whoever asked for them. A clock that is set makes anything old,
# so a job that still runs is known by its processes.
tb_forget_old() {
    find "$tb_home/bells" "$tb_home/marks" -mindepth 1 -mtime +40 -exec rm -f -- {} +
    find "$tb_home/jobs" -mindepth 1 -maxdepth 1 -mtime +40 | while IFS= read -r tb_old; do
        tb_still_runs "$tb_old" || rm -rf -- "$tb_old"
    done
}

tb_still_runs() { # FOLDER with those of a job's attempts
    for tb_file in "$1"/*/claim; do
        [ -s "$tb_file" ] && read -r tb_claimed tb_pid tb_born tb_rest <"$tb_file" || continue
        [ "$tb_claimed" != "$tb_boot" ] || ! tb_is "$tb_pid" "$tb_born" || return 0
    done
    return 1
}

# for its user alone; what a job makes has that user's own mask
tb_make_folder() { # FOLDER
    umask 077
    mkdir -p -- "$1"
    tb_made=$?
    umask "$tb_umask"
    return "$tb_made"
}

# A program more a job, `cat`, is a millisecond more; a line that is not whole stays without its end.
tb_show_line() { # FILE
    tb_line=
    if IFS= read -r tb_line <"$1"; then printf '%s\n' "$tb_line"; else printf '%s' "$tb_line"; fi
}

# what is written of it, and not the room behind that
tb_show_status() { # FOLDER: nothing before it is whole, which its first word tells
    tb_has_status "$1" || return 0
    while IFS= read -r tb_line; do
        printf '%s\n' "$tb_line"
        [ "$tb_line" != end ] || return 0
    done <"$1/status"
}

# ---- jobs
tb_start() { # SHELL, then arguments of the wrapper, of which the first is the folder
    tb_shell=$1
    shift
    tb_make_folder "$1" || return 1
    # until it closes its output, which it does when it has claimed the folder or cannot
    tb_said=$(setsid "$tb_shell" "$tb_wrapper" "$@" 2>&1)
    printf '%s\n' "$tb_said"
}

# everything that tells where a claimed job stands; whether its watcher lives before what that may have written
tb_look_at() { # FOLDER [BOOT PID START]: who watches, where the claim does not tell
    tb_claimed=${2-} tb_pid=${3-} tb_born=${4-} tb_engine= tb_lives=no
    [ ! -s "$1/claim" ] || read -r tb_claimed tb_pid tb_born tb_rest <"$1/claim"
    [ -z "$tb_born" ] || ! tb_is "$tb_pid" "$tb_born" || tb_lives=yes
    [ ! -f "$1/claim" ] || { tb_section claim; tb_show_line "$1/claim"; }
    tb_section lives "$tb_lives"
    [ ! -f "$1/status" ] || { tb_section status; tb_show_status "$1"; }
    [ ! -f "$1/engine" ] || { tb_section engine; tb_show_line "$1/engine"; tb_engine=${tb_line%% *}; }
    tb_show_holder "$1"
    [ -n "$tb_engine" ] || return 0
    if tb_has_status "$1"; then
        tb_section began "$(stat -c %Y -- "$1/engine" 2>/dev/null)"
    elif [ "$tb_lives" = no ] && [ "$tb_claimed" = "$tb_boot" ]; then
        # nobody watches and no status tells
        tb_members_of "$1/engine"
    fi
}

tb_is() { # PID START: whether that very process lives
    tb_look "$1" && [ "$tb_start" = "$2" ] && [ "$tb_state" != Z ] && [ "$tb_state" != X ]
}

tb_has_status() {
    tb_line=
    [ ! -f "$1/status" ] || read -r tb_line <"$1/status"
    case $tb_line in kind\ *) return 0 ;; esac
    return 1
}

tb_members_of() { # FILE with pid and start time of the program
    read -r tb_engine tb_engine_born <"$1" || return 0
    # a pid that is another's by now had no living member in its group
    ! tb_look "$tb_engine" || [ "$tb_start" = "$tb_engine_born" ] || return 0
    tb_list
    tb_section members "$tb_members"
}

tb_show_holder() { # FOLDER: who holds the lock that the job waits for
    ! tb_read_holder "$1" || { tb_section holder; printf '%s' "$tb_by"; }
}

# whoever takes the lock next while this job still waits is known by the lock file alone; false when it does not wait, or
# has got the lock meanwhile and taken the file away
tb_read_holder() {
    [ -f "$1/waiting" ] || return 1
    tb_file= tb_by= tb_line=
    { IFS= read -r tb_file; IFS= read -r tb_by; } 2>/dev/null <"$1/waiting" || return 1
    [ ! -f "$tb_file" ] || IFS= read -r tb_line <"$tb_file"
    [ -z "$tb_line" ] || tb_by=$tb_line
    # what was read may have been written by the job itself, which first takes its file away
    [ -f "$1/waiting" ]
}

tb_find() { # FOLDER: a job that nobody has claimed is kept from starting for good
    tb_make_folder "$1" || return 1
    [ -e "$1/claim" ] || [ -L "$1/claim" ] || ln -s given-up "$1/claim" || [ -e "$1/claim" ] || return 1
    if [ -L "$1/claim" ]; then
        tb_section given-up
    else
        tb_look_at "$1"
    fi
}

tb_signal_one() { # PID START SIGNAL
    ! tb_is "$1" "$2" || kill "-$3" "$1"
}

tb_signal_members() { # FOLDER SIGNAL: of the program's group, if it is still that program
    tb_members=
    tb_members_of "$1/engine"
    [ -z "$tb_members" ] || tb_signal "$2"
}

# ---- following. One call watches all jobs; it returns as soon as there is anything to tell.
tb_open_bell() { # HOME WRAPPER BOOT: as the first shell of this connection found them
    tb_home=$1 tb_boot=$3
    . "$1/$2"
    tb_bell_file=$tb_home/bells/$tb_boot.$$ tb_marks=$tb_home/marks/$tb_boot.$$
    tb_clean "$tb_home/bells" "$tb_home/marks"
    trap 'rm -f -- "$tb_bell_file" "$tb_marks.a" "$tb_marks.b"' EXIT
    rm -f -- "$tb_bell_file"
    (umask 077 && mkfifo -- "$tb_bell_file") || return 1
    exec 7<>"$tb_bell_file"
    tb_ticks= tb_mark=a tb_before=b
    : >"$tb_marks.a"
    : >"$tb_marks.b"
    tb_section bell; printf '%s' "$tb_bell_file"
}

# what shells left here that were killed
tb_clean() {
    for tb_folder in "$@"; do
        for tb_old in "$tb_folder/$tb_boot".*; do
            tb_pid=${tb_old#"$tb_folder/$tb_boot."}
            [ -e "/proc/${tb_pid%%.*}" ] || rm -f -- "$tb_old"
        done
    done
}

tb_wake() { # BELL
    [ ! -p "$1" ] || echo wake 1<>"$1"
}

# one ticker at a time: what nobody reads must not fill the pipe
tb_tick() {
    [ -z "$tb_ticks" ] || return 0
    tb_ticks=yes
    { sleep "$1" 2>/dev/null || sleep 1; echo tick >&7; } >/dev/null 2>&1 &
}

tb_watch() { # PATIENCE_CS TICK_S MOST_BYTES, and for each job: NUMBER FOLDER PID START OFFSET FORCED TOLD HOLDER
    tb_patience_cs=$1 tb_tick_s=$2 tb_most=$3
    shift 3
    tb_now
    tb_until_cs=$((tb_now_cs + tb_patience_cs))
    # Of logs only a tick tells: a chatty job would else make as many calls as the network takes.
    tb_ticked=
    while :; do
        tb_news=
        tb_round "$@"
        [ -z "$tb_ticked" ] || tb_turn_marks
        [ -z "$tb_news" ] || return 0
        tb_ticked=
        tb_now
        [ "$tb_now_cs" -lt "$tb_until_cs" ] || return 0
        tb_tick "$tb_tick_s"
        IFS= read -r tb_word <&7
        case $tb_word in
        wake) return 0 ;;
        tick) tb_ticks= tb_ticked=yes ;;
        esac
    done
}

# A log may have grown when it is newer than the mark before the last one: a mark and a line written within the same few
# milliseconds have the same time. So it is looked at before the marks are turned. Its size tells whether it has: its time
# may lie ahead, where a clock was set back.
tb_turn_marks() {
    tb_mark_now=$tb_before
    tb_before=$tb_mark tb_mark=$tb_mark_now
    : >"$tb_marks.$tb_mark"
}

tb_round() {
    while [ $# -ge 8 ]; do
        tb_one "$@"
        shift 8
    done
}

tb_one() { # NUMBER FOLDER PID START OFFSET FORCED TOLD HOLDER
    tb_ended=
    if tb_has_status "$2" || ! tb_is "$3" "$4"; then tb_ended=yes; fi
    if [ "$7" != running ] && [ -s "$2/engine" ]; then
        tb_news=yes
        tb_section "$1" running; tb_show_line "$2/engine"
    elif [ "$7" != running ] && tb_read_holder "$2"; then
        if [ "$7" != waiting ] || [ "$tb_by" != "$8" ]; then
            tb_news=yes
            tb_section "$1" waiting; printf '%s' "$tb_by"
        fi
    fi
    if tb_may_have_grown "$2/log" "$6$tb_ended" && [ "$(wc -c <"$2/log")" -gt "$5" ]; then
        tb_news=yes
        tb_section "$1" out; tail -c "+$(($5 + 1))" -- "$2/log" | head -c "$tb_most"
    fi
    [ -z "$tb_ended" ] || { tb_news=yes; tb_tell_end "$1" "$2" "$3" "$4"; }
}

# with all that would be asked next; a job of another boot has no pid here
tb_tell_end() { # NUMBER FOLDER PID START
    tb_section "$1" ended
    tb_plain=$tb_token tb_token="$tb_token $1"
    tb_look_at "$2" "$tb_boot" "$3" "$4"
    tb_token=$tb_plain
}

tb_may_have_grown() { # LOG FORCED
    [ -s "$1" ] && { [ -n "$2" ] || { [ -n "$tb_ticked" ] && [ "$1" -nt "$tb_marks.$tb_before" ]; }; }
}

# ---- short commands
# What hangs is ended here when its time is over, even if nobody is there any more who could ask for it.
tb_run_short() { # LIMIT_S ENVIRONMENT VARIABLES [NAME=VALUE]... PROGRAM [ARGUMENT]...
    tb_limit_s=$1
    shift
    # it says who it is itself, so that its output follows in the same section
    setsid sh -c "$tb_begin" "$tb_token" "$tb_command" "$@" </dev/null &
    tb_probe=$!
    setsid sh -c 'sleep "$1"; kill -KILL "-$2"' sh "$tb_limit_s" "$tb_probe" >/dev/null 2>&1 </dev/null &
    tb_guard=$!
    {
        wait "$tb_probe"
        tb_code=$?
        kill -KILL "-$tb_guard" || kill -KILL "$tb_guard"
        wait "$tb_guard"
    } 2>/dev/null
    return "$tb_code"
}

tb_begin='printf "\n%s pid %s\n" "$0" "$$"
tb_text=$1
shift
exec sh -c "$tb_text" "$0" "$@"'

tb_signal_group() { # PID SIGNAL
    kill "-$2" "-$1" 2>/dev/null || kill "-$2" "$1"
}

# which of these paths are not seen
tb_unseen() {
    for tb_path in "$@"; do
        [ -r "$tb_path" ] || { tb_section unseen; printf '%s' "$tb_path"; }
    done
}
