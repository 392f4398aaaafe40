"""The scripts that harden a machine over SSH: plain POSIX sh, writing two places there.

Law: what was there is on disk before anything is changed; a value or file that is not what was
looked at, or not what we made of it, is somebody else's and stays.

The state, below `harden/ssh` in /var/lib/floodwall: `kept` and `trial` have a line for each sysctl,
path, value before and value after with tabs between; `trial.id` and `trial.boot` say whose trial it
is and of which boot; `file.before` (or `file.none`) is what our file was, `file.after` what it was
made, `file.next` what it will be; `made` lists the directories that were not there.
"""

import re
import shlex
from typing import Final

from floodwall.audit.plan import FILE, Plan
from floodwall.audit.source import sysctl_path

STATE: Final = "/var/lib/floodwall/harden/ssh"
DENIED: Final = 3
"""What a script exits with where it may not change anything."""

REFUSED: Final = 4
"""What it exits with where something is not as it should be, and nothing was changed."""

PARTLY: Final = 5
"""What it exits with where the kernel refused a part; the rest was done."""

_COMMON: Final = """\
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
umask 022
tab=$(printf '\\t')
root=@ROOT@
state=$root@STATE@
file=$root@FILE@
id=@ID@
boot=$(cat /proc/sys/kernel/random/boot_id)

fail() { printf '%s\\n' "$2"; exit "$1"; }
[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail @DENIED@ 'root is needed'
is_value() { case $1 in ''|*[!0-9-]*) return 1 ;; esac; }
on_disk() { sync "$@" 2>/dev/null || sync; }
new_directory() {
  [ ! -d "$1" ] || return 0
  new_directory "${1%/*}"
  mkdir "$1" 2>/dev/null || fail @DENIED@ "cannot write ${1%/*}: root is needed"
  made="$1
$made"
}
set_value() { { printf '%s\\n' "$2" >"$1"; } 2>/dev/null; }
lock() {
  command -v flock >/dev/null 2>&1 || fail @DENIED@ 'flock (of util-linux) is missing'
  exec 9>>"$state/lock" || fail @DENIED@ "cannot write $state: root is needed"
  flock -n 9 || { sleep 1; flock -n 9; } || fail @REFUSED@ 'another hardening is at work'
}
note() { printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$state/journal"; }
tell() { note "$1"; printf '%s\\n' "$1"; }

# after_of LIST PATH: what the list says the value was made; nothing if it is not in it.
after_of() {
  while IFS=$tab read -r path before after; do
    [ "$path" != "$2" ] || printf '%s' "$after"
  done <"$1"
}

# put_back LIST: every value to what it was, the last one first; what fails stays in the list.
put_back() {
  sed '1!G;h;$!d' "$1" >"$1.back"
  : >"$1.stuck"
  while IFS=$tab read -r path before after; do
    now=$(cat "$path" 2>/dev/null)
    if [ "$now" = "$before" ]; then tell "$path is $before"
    elif [ "$now" != "$after" ]; then tell "left $path at $now: somebody else has set it since"
    elif set_value "$path" "$before"; then tell "put $path back to $before"
    else
      tell "could not put $path back to $before"
      printf '%s\\t%s\\t%s\\n' "$path" "$before" "$after" >>"$1.stuck"
    fi
  done <"$1.back"
  rm -f "$1.back"
  if [ -s "$1.stuck" ]; then sed '1!G;h;$!d' "$1.stuck" >"$1.new"; mv "$1.new" "$1"; stuck=1
  else rm -f "$1"; fi
  rm -f "$1.stuck"
}
end_trial() { rm -f "$state/trial.id" "$state/trial.boot" "$state/file.next"; }

# A reboot has ended a trial of before: its values went with it.
settle() {
  [ -e "$state/trial.boot" ] || return 0
  [ "$(cat "$state/trial.boot")" != "$boot" ] || return 0
  end_trial
  rm -f "$state/trial"
}
same_file() {
  if [ -e "$state/file.none" ]; then [ ! -e "$file" ]
  else cmp -s "$file" "$state/file.before"; fi
}
# clean_up: leaves nothing behind, nor directories that we made.
clean_up() {
  [ ! -e "$state/kept" ] && [ ! -e "$state/trial" ] && [ ! -e "$state/file.after" ] || return 0
  gone=$(cat "$state/made" 2>/dev/null)
  rm -f "$state/journal" "$state/lock" "$state/made" "$state/file.before" "$state/file.none" \\
    "$state/trial.new" "$state/trial.todo" "$state/kept.new" "$state/kept.old"
  printf '%s\\n' "$gone" | while read -r each; do rmdir "$each" 2>/dev/null; done
  [ ! -d "$state" ] || rmdir "$state" 2>/dev/null
}
"""

# LIMIT: where systemd-logind ends what is left of a session (KillUserProcesses=yes, which spares
# root) and sudo is used, the guard ends with the session.
_BEGIN: Final = """\
made=
for each in undo.json file.json; do
  [ ! -s "${state%/*}/$each" ] || [ "$(cat "${state%/*}/$each")" = '[]' ] ||
    fail @REFUSED@ 'it was hardened by a floodwall of its own: use that one'
done
[ ! -L "$file" ] || fail @REFUSED@ "$file is a link"
new_directory "$state"
chmod 700 "$state"
lock
printf '%s' "$made" >>"$state/made"
settle
[ ! -e "$state/trial" ] || fail @REFUSED@ 'something is on trial already: --keep or --rollback'
[ "$(cat "$file" 2>/dev/null)" = @BEFORE@ ] || {
  clean_up
  fail @REFUSED@ "$file has changed since it was looked at"
}
: >"$state/trial.new"
missing=
while IFS=$tab read -r path before after; do
  path=$root$path
  now=$(cat "$path" 2>/dev/null)
  if [ "$now" = "$before" ] && is_value "$now"; then
    printf '%s\\t%s\\t%s\\n' "$path" "$before" "$after" >>"$state/trial.new"
  else missing="$missing $path"; fi
done <<'@MARK@'
@STEPS@@MARK@
[ -z "$missing" ] || {
  rm -f "$state/trial.new"
  clean_up
  fail @REFUSED@ "changed since it was looked at:$missing"
}
printf '%s\\n' "$boot" >"$state/trial.boot"
printf '%s\\n' "$id" >"$state/trial.id"
printf '%s' @NEXT@ >"$state/file.next"
[ -e "$state/file.before" ] || [ -e "$state/file.none" ] ||
  if [ -e "$file" ]; then cp -p "$file" "$state/file.before"; else : >"$state/file.none"; fi
on_disk "$state"/*
mv "$state/trial.new" "$state/trial"

# From here on there is a guard; neither a lost connection nor its signals end it.
(
  trap '' HUP INT TERM PIPE
  exec 9>&- </dev/null >/dev/null 2>&1
  left=@SECONDS@
  while [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
    [ "$(cat "$state/trial.id" 2>/dev/null)" = "$id" ] || exit 0
  done
  exec 9>>"$state/lock"
  flock 9
  [ "$(cat "$state/trial.id" 2>/dev/null)" = "$id" ] || exit 0
  end_trial
  put_back "$state/trial"
  clean_up
) &

cp "$state/trial" "$state/trial.todo"
code=0
while IFS=$tab read -r path before after; do
  if set_value "$path" "$after"; then
    now=$(cat "$path")
    tell "set $path to $now (it was $before)"
  else
    now=$before
    tell "could not set $path to $after: the kernel refuses it"
    code=@PARTLY@
  fi
  [ "$now" = "$after" ] || {
    # The kernel rounds, or refused: what it made of ours is what the way back looks for.
    while IFS=$tab read -r p b a; do
      [ "$p" != "$path" ] || a=$now
      [ "$p" = "$path" ] && [ "$a" = "$b" ] || printf '%s\\t%s\\t%s\\n' "$p" "$b" "$a"
    done <"$state/trial" >"$state/trial.new"
    mv "$state/trial.new" "$state/trial"
  }
done <"$state/trial.todo"
rm -f "$state/trial.todo"
exit "$code"
"""

_KEEP: Final = """\
[ -d "$state" ] || fail @REFUSED@ 'nothing is on trial'
lock
settle
[ -e "$state/trial" ] || fail @REFUSED@ 'nothing is on trial: it was taken back in the meantime'
[ -z "$id" ] || [ "$(cat "$state/trial.id")" = "$id" ] || fail @REFUSED@ 'another trial is on'
[ ! -L "$file" ] || fail @REFUSED@ "$file is a link"

if [ -s "$state/file.next" ]; then
  made=
  new_directory "${file%/*}"
  printf '%s' "$made" >>"$state/made"
fi

# What was before the first time stays the way back of each value.
rm -f "$state/kept.old"
if [ -e "$state/kept" ]; then cp "$state/kept" "$state/kept.old"; else : >"$state/kept"; fi
{
  while IFS=$tab read -r p b a; do
    newer=$(after_of "$state/trial" "$p")
    printf '%s\\t%s\\t%s\\n' "$p" "$b" "${newer:-$a}"
  done <"$state/kept"
  while IFS=$tab read -r p b a; do
    [ -n "$(after_of "$state/kept" "$p")" ] || printf '%s\\t%s\\t%s\\n' "$p" "$b" "$a"
  done <"$state/trial"
} >"$state/kept.new"
on_disk "$state/kept.new"
mv "$state/kept.new" "$state/kept"
if [ -s "$state/file.next" ]; then
  new=${file%/*}/.${file##*/}.new
  {
    { [ ! -e "$file" ] || cp -p "$file" "$new"; } &&
      cat "$state/file.next" >"$new" && cp "$state/file.next" "$state/file.after.new" &&
      on_disk "$new" "$state/file.after.new" &&
      mv "$state/file.after.new" "$state/file.after" && mv "$new" "$file"
  } 2>/dev/null || {
    # Nothing is kept, then: the guard takes the trial back, and leaves what was kept before.
    rm -f "$new" "$state/file.after.new"
    if [ -e "$state/kept.old" ]; then mv "$state/kept.old" "$state/kept"; else rm "$state/kept"; fi
    fail @DENIED@ "cannot write $file"
  }
  tell "wrote @FILE@"
fi
end_trial
rm -f "$state/trial" "$state/kept.old"
tell 'kept what was on trial'
"""

_ROLLBACK: Final = """\
stuck=
[ -d "$state" ] || { echo 'nothing was changed here'; exit 0; }
lock
settle
[ ! -e "$state/trial" ] || { end_trial; put_back "$state/trial"; }
[ ! -e "$state/kept" ] || put_back "$state/kept"
if [ -e "$state/file.after" ]; then
  if same_file; then tell "@FILE@ is as it was"
  elif ! cmp -s "$file" "$state/file.after"; then
    tell "left @FILE@: somebody else has changed it since"
  elif [ -e "$state/file.none" ]; then rm -f "$file" && tell "removed @FILE@"
  else
    new=${file%/*}/.${file##*/}.new
    cp -p "$state/file.before" "$new" && on_disk "$new" && mv "$new" "$file" &&
      tell "put @FILE@ back to what it was"
  fi || fail @DENIED@ "cannot write $file"
  rm -f "$state/file.after"
fi
[ -z "$stuck" ] || exit @PARTLY@
clean_up
exit 0
"""


def begin_script(plan: Plan, trial: str, seconds: int, root: str = "") -> str:
    """Return what puts a plan on trial; without `keep_script` in time it goes back by itself."""
    steps = "".join(f"{sysctl_path(s.name)}\t{s.before}\t{s.after}\n" for s in plan.steps)
    unchanged = plan.file_after is None or plan.file_after == plan.file_before
    words = {
        "SECONDS": str(seconds),
        "MARK": f"END-{trial}",
        "STEPS": steps,
        "BEFORE": shlex.quote((plan.file_before or "").rstrip("\n")),
        "NEXT": shlex.quote("" if unchanged else plan.file_after or ""),
    }
    return _fill(_COMMON + _BEGIN, trial, root, words)


def keep_script(trial: str = "", root: str = "") -> str:
    """Return what keeps a trial, of any name if none is given."""
    return _fill(_COMMON + _KEEP, trial, root, {})


def rollback_script(root: str = "") -> str:
    """Return what makes everything what it was before the first time."""
    return _fill(_COMMON + _ROLLBACK, "", root, {})


def _fill(text: str, trial: str, root: str, words: dict[str, str]) -> str:
    common = {
        "ROOT": shlex.quote(root),
        "STATE": STATE,
        "FILE": FILE,
        "ID": shlex.quote(trial),
        "DENIED": str(DENIED),
        "REFUSED": str(REFUSED),
        "PARTLY": str(PARTLY),
    }
    known = {**common, **words}
    # In one go: what comes from the machine is not looked through for names.
    return re.sub(r"@([A-Z]+)@", lambda found: known[found[1]], text)
