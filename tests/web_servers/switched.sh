# A copy of an installed Mailman whose pages are switched to ours and back under each web server, while people are logged in. Called by
# `run` as root, in a mount namespace of its own: the copy is laid over the original, whose path its wrappers have compiled in.
set -eu
root=$MAILMAN2_TEST_ROOT
reference=$1
cd "$root"
site=$reference
prefix=
as="setpriv --reuid=www-data --regid=$(stat -c %g "$reference/cgi-bin/listinfo") --clear-groups"
. "$root/servers.sh"
QUIET_CHECKS=yes
PAGES=${PAGES:-"admin admindb confirm create edithtml listinfo options private rmlist roster subscribe"}
at=/cgi-bin/mailman

rs() { MAILMAN_PREFIX=$site "$root/mailman2-rs" "$@"; }

python=$(sed -n "s/^PYTHON *= *'\(.*\)'.*/\1/p" "$reference/Mailman/Defaults.py")

# The web server's user may not look into root's home, where a Python may be.
open_python() {
    $as "$python" -c 0 2>/dev/null && return
    local home
    home=$(dirname "$(dirname "$python")")
    mkdir -p "$root/python"
    mount --bind "$home" "$root/python"
    mount -t tmpfs -o mode=755 none "/$(echo "$home" | cut -d/ -f2)"
    mkdir -p "$home"
    mount --bind "$root/python" "$home"
}

lay_copy() {
    cp -a "$reference" "$root/copy"
    rm -f "$root/copy/logs/"*
    mount --bind "$root/copy" "$reference"
    mkdir -p "$root/cgi-bin"
    ln -s "$site/cgi-bin" "$root/cgi-bin/mailman"
    chown www-data: "$root" "$root/cgi-bin"
}

make_site() {
    cat >"$site/Mailman/mm_cfg.py" <<'CFG'
from Defaults import *
MTA = None
OWNERS_CAN_DELETE_THEIR_OWN_LISTS = Yes
DEFAULT_EMAIL_HOST = 'lists.example.org'
DEFAULT_URL_HOST = 'lists.example.org'
DEFAULT_URL_PATTERN = 'http://%s/cgi-bin/mailman/'
VIRTUAL_HOSTS.clear()
add_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)
CFG
    "$python" "$site/bin/newlist" -q mailman rose@example.org rose-secret
    "$python" "$site/bin/newlist" -q garden rose@example.org rose-secret
    "$python" "$site/bin/mmsitepass" site-secret >/dev/null
    printf 'Anna Berg <anna@example.org>\n' | "$python" "$site/bin/add_members" -r - -w n -a n garden >/dev/null
    printf 'From anna@example.org  Mon Mar  2 10:00:00 2026\nFrom: Anna <anna@example.org>\nSubject: Seeds\nDate: %s\n\nBeans.\n' \
        'Mon, 02 Mar 2026 10:00:00 +0000' >"$site/archives/private/garden.mbox/garden.mbox"
    "$python" "$site/bin/arch" --wipe --quiet garden
    (cd "$site/bin" && "$python" -) <<'PYTHON'
import paths
from Mailman import MailList, Utils
garden = MailList.MailList('garden')
garden.setMemberPassword('anna@example.org', 'anna-secret')
garden.mod_password = Utils.sha_new('mo-secret').hexdigest()
garden.HoldSubscription('wilma@example.org', 'Wilma', 'x', 0, 'en')
garden.Save()
garden.Unlock()
PYTHON
    chmod -R g+w "$site/lists" "$site/archives" "$site/logs" "$site/locks" "$site/data" "$site/qfiles"
}

# log_in JAR: as three people; their forms are kept in FORM.JAR.
log_in() {
    local jar=tmp/$server.$1
    check "$1: owner logs in" 200 "real_name" $at/admin/garden/general --data "adminpw=rose-secret&admlogin=1" -c "$jar.owner"
    field csrf_token >"$jar.owner.token"
    check "$1: moderator logs in" 200 "wilma@example.org" $at/admindb/garden --data "adminpw=mo-secret&admlogin=1" -c "$jar.moderator"
    check "$1: member logs in" 200 "options-submit" $at/options/garden/anna--at--example.org \
        --data "password=anna-secret&login=1" -c "$jar.member"
    field csrf_token >"$jar.member.token"
}

# change JAR: the owner and the member send a form; with a token that was shown to them, or without one where Mailman has none.
change() {
    local jar=tmp/$server.$1 text="$server $((++changes))"
    check "$1, $state: owner changes" 200 "$text" $at/admin/garden/general -b "$jar.owner" \
        --data-urlencode "description=$text" --data-urlencode "csrf_token=$(cat "$jar.owner.token")"
    check "$1, $state: member changes" 200 "Anna $text" $at/options/garden/anna--at--example.org -b "$jar.member" \
        --data-urlencode "fullname=Anna $text" --data-urlencode "csrf_token=$(cat "$jar.member.token")" --data "change-of-address=1&new-address=&confirm-address="
}
changes=0

# fresh JAR: forms are fetched again.
fresh() {
    local jar=tmp/$server.$1
    check "$1, $state: owner" 200 "real_name" $at/admin/garden/general -b "$jar.owner"
    field csrf_token >"$jar.owner.token"
    check "$1, $state: member" 200 "options-submit" $at/options/garden/anna--at--example.org -b "$jar.member"
    field csrf_token >"$jar.member.token"
}

# look JAR: what somebody who is logged in sees.
look() {
    local jar=tmp/$server.$1
    check "$1, $state: owner" 200 "real_name" $at/admin/garden/general -b "$jar.owner"
    check "$1, $state: owner's requests" 200 "wilma@example.org" $at/admindb/garden -b "$jar.owner"
    check "$1, $state: owner's templates" 200 "listinfo.html" $at/edithtml/garden -b "$jar.owner"
    check "$1, $state: moderator" 200 "wilma@example.org" $at/admindb/garden -b "$jar.moderator"
    check "$1, $state: member" 200 "options-submit" $at/options/garden/anna--at--example.org -b "$jar.member"
    check "$1, $state: roster" 200 "anna--at--example.org" $at/roster/garden -b "$jar.member"
    check "$1, $state: archive" 200 "2026-March" $at/private/garden/ -b "$jar.member"
}

# visit: what needs no login.
visit() {
    check "$state: overview" 200 "arden" $at/listinfo
    check "$state: list" 200 "email-button" $at/listinfo/garden
    check "$state: join" 200 "arden" $at/subscribe/garden --data "email=v$((++changes))@example.org"
    check "$state: confirm" 200 "cookie" $at/confirm/garden
    check "$state: rmlist" 200 "doit" $at/rmlist/garden
    check "$state: make a list" 200 "arden$changes" $at/create \
        --data "listname=garden$changes&owner=rose@example.org&password=x&confirm=x&auth=site-secret&doit=1&langs=en&notify=0"
    [ -d "$site/lists/garden$changes" ] || fault "$state: the list was not made"
    check "$state: remove it" 200 "" $at/rmlist/garden$changes --data "password=x&doit=1&delarchives=1"
    [ ! -d "$site/lists/garden$changes" ] || fault "$state: the list was not removed"
}

# What can be seen of the programs.
programs() { (cd "$site/cgi-bin" && find . -type f -printf '%p %m %u %g %T@ ' -exec md5sum {} \; | sort); }

step() {
    state=$*
    rs "$@" >tmp/said 2>&1 || { fault "$state"; cat tmp/said; }
    state=$(echo "$state" | sed 's/ --web//')
}

walk() {
    echo "$server, $(basename "$reference")"
    local before page
    before=$(programs)
    state=Python
    log_in python
    for page in $PAGES; do
        step switch --web "$page"
        look python
        change python
        visit
    done
    change python
    log_in ours
    look ours
    for page in $PAGES; do
        step back --web "$page"
        look ours
        look python
        fresh ours
        change ours
        visit
    done
    [ "$before" = "$(programs)" ] || fault "the programs are not what they were"
    step switch --web
    look python
    fresh python
    change python
    visit
    step back --web
    fresh python
    look ours
    change python
    visit
    [ "$before" = "$(programs)" ] || fault "the programs are not what they were"
    [ ! -e "$site/data/mailman2-rs.switch" ] || fault "a journal is left"
}

lay_copy
open_python
make_site
under_every_server
if grep -l Traceback "$site/logs/error" >/dev/null 2>&1; then
    fault "tracebacks in the error log"
    tail -30 "$site/logs/error"
fi
[ "$faults" = 0 ] && echo "all in order" || { echo "$faults faults"; exit 1; }
