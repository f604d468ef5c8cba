#!/bin/sh
# Collects a Mailman site into an archive for "mailman2-rs restore", on a machine where mailman2-rs does not run: needs
# nothing but GNU tar, find and sha1sum. Stop the runners, the web server and the cron jobs before.
#
#     sh collect.sh ARCHIVE [HOME [FOLDER...]]
#
# HOME is the folder with Mailman/ in it (/var/lib/mailman). FOLDERs are those of the site that are not in it, by the names
# that mm_cfg.py and Defaults.py give them: Red Hat's /var/spool/mailman and /var/log/mailman are found by themselves.
# It can be done again at any time; the archive is made anew then. The last line says whether it is whole.
set -eu
umask 077
[ $# -ge 1 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2; }
archive=$1 home=${2:-/var/lib/mailman}
[ $# -lt 2 ] || shift
shift
case $archive in /*) ;; *) archive=$PWD/$archive ;; esac
[ -e "$home/Mailman/mm_cfg.py" ] || { echo "$home is no Mailman site: it has no Mailman/mm_cfg.py" >&2; exit 2; }
pids="$home/data/master-qrunner.pid"
[ "${home#/usr/lib}${home#/var/lib}" = "$home$home" ] || pids="$pids /var/run/mailman/mailman.pid /var/run/mailman/master-qrunner.pid"
for file in $pids; do
    if [ -s "$file" ] && kill -0 "$(cat "$file")" 2>/dev/null; then
        echo "the queue runners run: stop them first (mailmanctl stop)" >&2
        exit 2
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/mailman2-rs"
id=$( (date; hostname; echo $$) | sha1sum | cut -c 1-40)
version=$(sed -n "s/^VERSION *= *['\"]\(.*\)['\"].*/\1/p" "$home/Mailman/Version.py" 2>/dev/null || true)
printf 'mailman2-rs site 1\nid %s\nhome %s\nversion %s\nemail_host \nurl_host \n' "$id" "$home" "$version" \
    >"$work/mailman2-rs/site"

# The folders, each with "/." behind it: then tar and find follow a link that stands for the folder, and none below it.
# Debian and Red Hat have programs in /usr/lib and data in /var/lib; Red Hat has queues and logs elsewhere in /var.
var=$home
case $home in /usr/lib*/mailman) var=/var/lib/mailman ;; esac
for name in lists data qfiles spam archives logs templates messages; do
    [ ! -d "$home/$name" ] || set -- "$@" "$home/$name"
    [ "$var" = "$home" ] || [ ! -d "$var/$name" ] || set -- "$@" "$var/$name"
done
case $var in
    /var/lib/mailman)
        [ ! -d /var/spool/mailman ] || set -- "$@" /var/spool/mailman
        [ -d "$var/logs" ] || [ ! -d /var/log/mailman ] || set -- "$@" /var/log/mailman ;;
esac
for file in /etc/aliases /etc/cron.d/mailman /etc/postfix/main.cf /var/spool/cron/crontabs/list /var/spool/cron/mailman \
    /etc/httpd/conf.d/mailman.conf /etc/apache2/conf.d/mailman; do
    [ ! -f "$file" ] || set -- "$@" "$file"
done

rm -f "$archive"
sums=$work/mailman2-rs/SHA1SUMS
tar -cf "$archive" -C "$work" mailman2-rs/site
(cd "$work" && sha1sum mailman2-rs/site) >"$sums"
# What was half written, and what Python and the master make anew, is left out; of tar's and find's patterns both must say it.
collect() {
    path=${2#/}
    [ ! -d "/$path" ] || path=$path/.
    (cd / && tar "-r$1f" "$archive" --exclude='*.pyc' --exclude='*.pyo' --exclude='*.tmp' --exclude='*.pck.tmp.*' \
        --exclude='master-qrunner.pid' "$path" &&
        find ${1:+-L} "$path" -type f ! -name '*.pyc' ! -name '*.pyo' ! -name '*.tmp' ! -name '*.pck.tmp.*' \
            ! -name 'master-qrunner.pid' -print0 | xargs -0 -r sha1sum >>"$sums")
}
# Debian's mm_cfg.py is a link into /etc: the programs' folder alone is read through its links.
collect h "$home/Mailman"
for path; do collect "" "$path"; done
files=$(($(wc -l <"$sums") - 1))
sum=$(sha1sum <"$sums" | cut -c 1-40)
printf 'mailman2-rs end 1\nstate last\nfiles %s\nsums %s\n' "$files" "$sum" >"$work/mailman2-rs/end"
tar -rf "$archive" -C "$work" mailman2-rs/SHA1SUMS mailman2-rs/end
echo "whole: $archive has $files files"
