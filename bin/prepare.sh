# SPDX-License-Identifier: GPL-2.0-or-later
# Makes what a clone needs on this machine: system packages, Python environment, BPF object.
#
# Sourced by bin/floodwall and bin/test, which set `clone` before.  Law: what is half made is
# never used (a mark is written last), and two starts at once wait for each other (flock).
# All words go to stderr, so that standard output stays the command's own.

umask 022
export PATH="$PATH:/usr/sbin:/sbin" # `su` and cron leave them out
log=
ticker=

say() {
	printf 'floodwall: %s\n' "$1" >&2
}

# fail MESSAGE HINT: ends with the exit code for missing privilege or feature.
fail() {
	say "$1"
	printf '  hint: %s\n' "$2" >&2
	exit 3
}

stop_ticker() {
	[ -n "$ticker" ] || return 0
	kill "$ticker" 2>/dev/null || :
	wait "$ticker" 2>/dev/null || :
	printf '\r' >&2
	ticker=
}

forget_step() {
	stop_ticker
	[ -z "$log" ] || rm -f "$log"
	log=
}
trap forget_step EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# On a terminal, shows seconds from the second one on; stops when this shell is gone.
show_seconds() {
	waited=0
	while sleep 1 && kill -0 "$$" 2>/dev/null; do
		waited=$((waited + 1))
		[ "$waited" -lt 2 ] || printf '\r  %s s ' "$waited" >&2
	done
}

# step TEXT COMMAND...: runs it quietly; its output is shown if it fails.
step() {
	say "$1 ..."
	shift
	log=$(mktemp)
	if [ -t 2 ]; then
		show_seconds 9>&- &
		ticker=$!
	fi
	begun=$(date +%s)
	status=0
	"$@" >"$log" 2>&1 </dev/null 9>&- || status=$?
	stop_ticker
	if [ "$status" -eq 0 ]; then
		printf '  done in %s s\n' "$(($(date +%s) - begun))" >&2
	else
		tail -n 15 "$log" | sed 's/^/  | /' >&2
	fi
	rm -f "$log"
	log=
	return "$status"
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# The first of the names that is a command here.
first_command() {
	for name; do
		command -v "$name" && return
	done
	return 1
}

# ---- system packages ----

apt_install() {
	DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -o DPkg::Lock::Timeout=300 \
		install --yes --quiet --no-install-recommends "$@"
}

# Package lists may be absent or stale: they are fetched only if it does not work without.
apt_update_and_install() {
	apt_install "$@" || { apt-get update --quiet && apt_install "$@"; }
}

# install_packages PURPOSE PACKAGE...
install_packages() {
	purpose=$1
	shift
	[ "$#" -gt 0 ] || return 0
	is_root || fail "missing for $purpose: $*" "run it once with sudo, it installs them"
	command -v apt-get >/dev/null ||
		fail "missing for $purpose: $*" "these are Debian's names; install them as yours"
	step "installing for $purpose: $*" apt_update_and_install "$@" ||
		fail "could not install $*" "see above; or install them by hand and start again"
}

# install_commands PURPOSE COMMAND:PACKAGE...: those whose command is missing.
install_commands() {
	purpose=$1
	shift
	for pair; do
		shift
		first_command "${pair%:*}" >/dev/null ||
			set -- "$@" "${pair#*:}"
	done
	install_packages "$purpose" "$@"
}

# install_idle_server PURPOSE COMMAND PACKAGE [UNIT]: one that is wanted for tests only must not
# start to serve this machine.
install_idle_server() {
	! first_command "$2" >/dev/null || return 0
	policy=/usr/sbin/policy-rc.d
	if is_root && [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
		trap 'rm -f "$policy"; forget_step' EXIT
	fi
	install_packages "$1" "$3"
	[ ! -d /run/systemd/system ] || systemctl --quiet disable "${4:-$2}" || :
	trap forget_step EXIT
	! grep -qsx 'exit 101' "$policy" || rm -f "$policy"
}

# ---- Python environment ----

python_is_new_enough() {
	"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
	for name in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
		python=$(command -v "$name") && python_is_new_enough "$python" && return
	done
	return 1
}

require_python() {
	find_python || install_packages "Python" python3 python3-venv
	find_python || fail "no Python 3.11 or newer here" "install python3.11 or newer"
	"$python" -c 'import ensurepip, venv' 2>/dev/null ||
		install_packages "the Python environment" python3-venv
}

# Where environments live: in the clone, or in a cache if the clone cannot be written.
choose_place() {
	place=$clone/.venv
	[ ! -e "$place/$1/ready" ] || return 0
	[ ! -w "$clone" ] || return 0
	if is_root; then
		place=/var/cache/floodwall
	else
		home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
		place=${XDG_CACHE_HOME:-$home/.cache}/floodwall
	fi
}

environment_is_ready() {
	[ -e "$environment/ready" ] &&
		[ "$(readlink -f "$environment/bin/python")" = "$(cat "$environment/ready")" ]
}

lock_place() {
	mkdir -p "$place" 2>/dev/null && exec 9>"$place/lock" ||
		fail "cannot write $place" "start it once as the owner of the clone, or with sudo"
	flock -n 9 && return
	say "another start is preparing the environment; waiting for it ..."
	flock 9
}

unlock_place() {
	exec 9>&-
}

# What root made in somebody's clone belongs to the owner of the clone.
give_to_owner() {
	! is_root || chown -R --no-dereference --reference="$clone" "$@"
}

# install_pinned LOCKFILE: into the environment.
install_pinned() {
	step "installing Python packages from ${1##*/}" \
		"$environment/bin/python" -m pip install --no-input --no-deps -r "$1" ||
		fail "could not install the Python packages" \
			"see above; does pip reach a package index from this network namespace?"
}

make_environment() {
	require_python
	step "making the Python environment in $environment" \
		"$python" -m venv --clear "$environment" ||
		fail "could not make the environment" "see above; is the disk full?"
	install_pinned "$1"
	printf '%s\n' "$clone/src" >"$("$environment/bin/python" -c \
		'import sysconfig; print(sysconfig.get_path("purelib"))')/floodwall.pth"
	[ ! -w "$clone/src" ] ||
		"$environment/bin/python" -m compileall -q "$clone/src" >/dev/null 2>&1 || :
	readlink -f "$environment/bin/python" >"$environment/ready"
	[ "$place" != "$clone/.venv" ] || give_to_owner "$place"
}

# prepare_environment LOCKFILE: sets `environment`.  The name changes with the pinned packages,
# so that an update never pulls files from under a daemon that runs.
prepare_environment() {
	name=$clone/requirements
	key=$(printf '%s\n' "$clone" "${1##*/}" |
		cat - "$name.lock" "$name-console.lock" "$1" | sha256sum)
	key=${key%"${key#????????????}"}
	choose_place "$key"
	environment=$place/$key
	[ -w "$clone" ] || export FLOODWALL_BUILD="$environment/build"
	environment_is_ready && return
	lock_place
	environment_is_ready || make_environment "$1"
	unlock_place
}

# wants_console VERB...: tells whether this command line needs the packages of the console.
wants_console() {
	verb=${1-}
	for word; do
		case "$word" in
		-h | --help) return 1 ;;
		--console) [ "$verb" != run ] || verb=console ;;
		esac
	done
	case "$verb" in
	console | top | metrics | alerts) return 0 ;;
	*) return 1 ;;
	esac
}

# prepare_console: adds the packages of the console to the environment; once.  They only add to
# what is there: the pins of requirements.lock are the same.
prepare_console() {
	[ ! -e "$environment/console" ] || return 0
	lock_place
	if [ ! -e "$environment/console" ]; then
		install_pinned "$clone/requirements-console.lock"
		: >"$environment/console"
		[ "$place" != "$clone/.venv" ] || give_to_owner "$environment"
	fi
	unlock_place
}

# ---- the data plane ----

# The newest clang that this system's package lists know.
clang_package() {
	for name in clang-19 clang-18 clang-16 clang-15 clang-14; do
		[ -z "$(apt-cache search --names-only "^$name\$" 2>/dev/null)" ] || break
		name=clang
	done
	printf '%s\n' "$name"
}

install_data_plane_packages() {
	set --
	"$environment/bin/python" -c 'import ctypes; ctypes.CDLL("libbpf.so.1")' 2>/dev/null ||
		set -- "$@" libbpf1
	[ -e /usr/include/bpf/bpf_helpers.h ] || set -- "$@" libbpf-dev
	[ -e /usr/include/linux/bpf.h ] || set -- "$@" linux-libc-dev
	first_command ip >/dev/null || set -- "$@" iproute2
	if ! first_command clang-19 clang-18 clang-16 clang-15 clang-14 clang >/dev/null; then
		[ -n "$(apt-cache search --names-only '^clang$' 2>/dev/null)" ] || ! is_root ||
			step "fetching the package lists" apt-get update --quiet || :
		set -- "$@" "$(clang_package)"
	fi
	install_packages "the data plane" "$@"
}

# prepare_data_plane: everything that attaching needs; once.
prepare_data_plane() {
	[ ! -e "$environment/data-plane" ] || return 0
	lock_place
	if [ ! -e "$environment/data-plane" ]; then
		install_data_plane_packages
		step "compiling the data plane" "$environment/bin/python" -I -c \
			'from floodwall.kernel.build import data_plane_object as make; make()' ||
			fail "could not compile the data plane" "see above"
		: >"$environment/data-plane"
		[ ! -d "$clone/build" ] || [ ! -w "$clone/build" ] || give_to_owner "$clone/build"
	fi
	unlock_place
}
