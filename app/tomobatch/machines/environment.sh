# Runs a program in the environment of a machine: `sh -c THIS TOKEN ENVIRONMENT VARIABLES [NAME=VALUE]... PROGRAM ...`.
# The environment is shell text that a person wrote for this machine, such as "conda activate tomocupy".
tb_environment=$1 tb_variables=$2
shift 2

# the first of these that is there
tb_source() {
    for tb_file in "$@"; do
        if [ -r "$tb_file" ]; then
            . "$tb_file"
            return
        fi
    done
    return 1
}

# What an interactive shell of that user would have: conda and module are functions, which only its start files define.
tb_prepare() {
    case $tb_environment in *conda*|*mamba*)
        tb_conda=$(command -v conda) || tb_conda=${CONDA_EXE-}
        case $tb_conda in
        conda) ;;
        *) tb_source "${tb_conda%/*/conda}/etc/profile.d/conda.sh" \
            "$HOME/miniconda3/etc/profile.d/conda.sh" "$HOME/miniforge3/etc/profile.d/conda.sh" \
            "$HOME/anaconda3/etc/profile.d/conda.sh" "$HOME/mambaforge/etc/profile.d/conda.sh" \
            "$HOME/conda/etc/profile.d/conda.sh" /etc/profile.d/conda.sh /opt/conda/etc/profile.d/conda.sh \
            /opt/miniconda3/etc/profile.d/conda.sh /opt/miniforge3/etc/profile.d/conda.sh \
            /opt/anaconda3/etc/profile.d/conda.sh ;;
        esac ;;
    esac
    case $tb_environment in *module*|*ml\ *)
        command -v module >/dev/null || tb_source "${MODULESHOME:-/usr/share/modules}/init/sh" \
            /etc/profile.d/modules.sh /etc/profile.d/lmod.sh /usr/share/lmod/lmod/init/sh /usr/share/modules/init/sh ;;
    esac
}

if [ -n "$tb_environment" ]; then
    tb_prepare
    # what it says (a greeting, a list of modules) is no answer of the program, and what comes in is not for it
    eval "$tb_environment" >&2 </dev/null || {
        echo "TomoBatch: the environment of this machine could not be set up (status $?)" >&2
        exit 125
    }
fi
# after it: a module may set the GPU, which is ours to say
while [ "$tb_variables" -gt 0 ]; do
    tb_variables=$((tb_variables - 1))
    export "$1"
    shift
done
tb_is_program() {
    case $1 in
    */*) [ -x "$1" ] && [ ! -d "$1" ] ;;
    *) command -v -- "$1" >/dev/null ;;
    esac
}
tb_is_program "$1" || {
    # not at the line's beginning: there the token would begin another part of what is told
    printf 'not-found %s\n' "$0" >&2
    printf '%s: not found\n' "$1" >&2
    exit 127
}
exec "$@"
